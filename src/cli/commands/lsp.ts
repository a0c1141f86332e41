/**
 * `rnnc lsp`: the language server on stdin and stdout. It runs in a thread of its own, whose young objects have more
 * room than the process gives them: what one keystroke makes is thrown away at the next, and need not be moved before.
 */
import { Worker } from 'node:worker_threads';
import type { Command } from '../command.js';

/** Megabytes; used up only as far as programs need them. */
export const threadLimits = { maxYoungGenerationSizeMb: 192 } as const;

function run(): Promise<number> {
  const thread = new Worker(new URL('../lsp-thread.js', import.meta.url), {
    stdin: true,
    stdout: true,
    resourceLimits: threadLimits,
  });
  process.stdin.pipe(thread.stdin!);
  thread.stdout.pipe(process.stdout);
  return new Promise((done, fail) => {
    thread.once('error', fail);
    thread.once('exit', (code) => {
      // An open stdin would keep the process.
      process.stdin.destroy();
      done(code);
    });
  });
}

export const lspCommand: Command = {
  name: 'lsp',
  summary: 'serve editors: diagnostics, completion, hover, rename, formatting, fixes',
  operands: '',
  most: 0,
  // Editors' clients add it to every server they start on streams; it is the only way there is.
  options: { stdio: { type: 'boolean', doc: 'speak over stdin and stdout (always so)' } },
  details: 'Speaks the Language Server Protocol over stdin and stdout until the editor ends it. See docs/editors.md.',
  examples: ['rnnc lsp'],
  run,
};
