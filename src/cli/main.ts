#!/usr/bin/env node
/** The command line's door: argv in, exit code out. Every error ends here as a line, never as a stack trace. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Fault } from '../support/fault.js';
import { suggestion } from '../support/suggest.js';
import { UsageError } from './command.js';
import { commands } from './commands.js';
import { helpOf, overview } from './help.js';
import { readInvocation } from './invocation.js';
import { ignoreClosedOutput, processTerminal, shownOn, type Terminal } from './terminal.js';
import { version } from './version.js';

async function dispatch(argv: readonly string[], terminal: Terminal, folder: string): Promise<number> {
  const [word, ...rest] = argv;
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
    const named = commands.find((c) => c.name === rest[0]);
    terminal.print(named === undefined ? overview(commands) : helpOf(named));
    return word === undefined ? 2 : 0;
  }
  if (word === '--version' || word === '-v') {
    terminal.print(version);
    return 0;
  }
  const command = commands.find((c) => c.name === word);
  if (command === undefined) {
    const names = commands.map((c) => c.name);
    throw new UsageError(`there is no command \`${word}\``, `${suggestion(word, names)}`);
  }
  const parsed = readInvocation(command, rest, terminal, folder);
  if (parsed.kind === 'run') return command.run(parsed.invocation);
  terminal.print(helpOf(command));
  return 0;
}

/** Runs one command line; returns the exit code. */
export async function main(argv: readonly string[], terminal: Terminal, folder: string): Promise<number> {
  try {
    return await dispatch(argv, terminal, folder);
  } catch (error) {
    const { paint } = shownOn(terminal);
    const name = paint('error', 'rnnc:');
    if (error instanceof UsageError) {
      terminal.warn(`${name} ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`);
      return 2;
    }
    if (error instanceof Fault) {
      terminal.warn(`${name} ${error.message} [${error.code}]${error.hint === undefined ? '' : ` (${error.hint})`}`);
      return 3;
    }
    if (process.env['RNNC_DEBUG'] === '1') throw error;
    terminal.warn(`${name} ${(error as Error).message} (this is a defect of rnnc; RNNC_DEBUG=1 shows where)`);
    return 70;
  }
}

const started = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (started) {
  ignoreClosedOutput();
  process.exitCode = await main(process.argv.slice(2), processTerminal, process.cwd());
}
