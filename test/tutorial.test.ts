/**
 * The tutorial is true: its files are written, its commands run in their order, and what they print is what stands
 * there. `...` in a line stands for anything, `...` alone for any number of lines.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const main = join(root, 'dist/cli/main.js');
const page = readFileSync(join(root, 'docs/tutorial.md'), 'utf8');

interface Step {
  readonly command: string;
  readonly expected: readonly string[];
}
const blocks = [...page.matchAll(/^```(\S*)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, kind, name, text]) => ({
  kind: kind!,
  name,
  text: text!,
}));

/** The commands of a block of console, each with the lines behind it. */
function stepsOf(text: string): readonly Step[] {
  const lines = text.trimEnd().split('\n');
  const starts = lines.flatMap((line, i) => (line.startsWith('$ ') ? [i] : []));
  return starts.map((start, i) => ({
    command: lines[start]!.slice(2),
    expected: lines.slice(start + 1, starts[i + 1] ?? lines.length),
  }));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The first expected line that the output does not have in its place; undefined when it has all. */
function missing(expected: readonly string[], output: readonly string[]): string | undefined {
  let at = 0;
  let anywhere = false;
  for (const line of expected) {
    if (line === '...') {
      anywhere = true;
      continue;
    }
    const pattern = new RegExp(`^${line.split('...').map(escaped).join('.*')}$`);
    const found = output.findIndex((text, i) => i >= at && pattern.test(text));
    if (found < 0 || (!anywhere && found !== at)) return line;
    at = found + 1;
    anywhere = false;
  }
  return anywhere || at === output.length ? undefined : `nothing more, found: ${output[at]}`;
}

describe('docs/tutorial.md', { timeout: 240_000 }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rnnc-tutorial-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is whole: every block is a file, a command, or the installation', () => {
    expect(blocks.filter(({ kind }) => kind === 'console').flatMap(({ text }) => stepsOf(text))).toHaveLength(8);
    expect(blocks.filter(({ kind, name }) => kind !== 'console' && name === undefined).map((b) => b.kind)).toEqual([
      'sh',
    ]);
  });

  it('prints what it says, from first to last', () => {
    for (const { kind, name, text } of blocks) {
      if (name !== undefined) writeFileSync(join(folder, name), text);
      if (kind !== 'console') continue;
      for (const { command, expected } of stepsOf(text)) {
        const run = command.replace(/^npx rnnc /, `${process.execPath} ${main} `);
        // Progress goes to stderr: both are what a person sees, in this order where stdout is last.
        const { stdout, stderr } = spawnSync('sh', ['-c', run], { cwd: folder, encoding: 'utf8' });
        const lines = `${stderr}${stdout}`.replace(/\n+$/, '').split('\n');
        const output = lines.length === 1 && lines[0] === '' ? [] : lines;
        expect(missing(expected, output), `${command}\n${output.join('\n')}`).toBeUndefined();
      }
    }
  });
});
