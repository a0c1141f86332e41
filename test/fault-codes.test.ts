/**
 * Faults that need no training, each provoked: one line on stderr that ends with its code and what to do, exit code 3,
 * nothing on stdout. The lines are kept in `support/faults.txt` (UPDATE_GOLDEN=1 writes it).
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import type { faultPages } from '../src/support/fault-codes.js';
import { runCli } from './support/run-cli.js';

const golden = resolve(import.meta.dirname, 'support/faults.txt');
const model = `model tiny {
  tokens = ids(vocab=12)
  embed  = embedding(tokens, 6)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 12)
}
`;
const text = (more = ''): string => `train { data = text("data", batch=2, unroll=3)  epochs = 1 ${more} }\n`;
const lines = 'a b c d e f g h i j\n'.repeat(20);

let root: string;
const put = (name: string, contents: string | Buffer): void => {
  mkdirSync(join(root, name, '..'), { recursive: true });
  writeFileSync(join(root, name), contents);
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rnnc-fault-codes-'));
  put('m.cmp', model + text());
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const splits = (train: string | Buffer): void => {
  for (const split of ['train', 'valid', 'test']) put(`data/${split}.txt`, split === 'train' ? train : lines);
};

/** What to do in an empty folder, and the code that comes of it. */
const provoked: readonly (readonly [keyof typeof faultPages, string, () => void])[] = [
  ['file/missing', 'check other.cmp', () => undefined],
  ['file/missing', 'check folder', () => mkdirSync(join(root, 'folder'))],
  ['file/not-text', 'check m.cmp', () => put('m.cmp', Buffer.from([0x6d, 0xff, 0xfe]))],
  ['file/exists', 'init m.cmp', () => undefined],
  ['file/unwritable', 'emit m.cmp --target c --untrained', () => put('build', 'a file')],
  ['program/no-train-block', 'train m.cmp', () => put('m.cmp', model)],
  ['program/no-sweep-block', 'sweep m.cmp', () => undefined],
  ['recipe/not-yaml', 'import-recipe r.yaml m.cmp', () => put('r.yaml', 'a: [1\nb: }')],
  ['recipe/unknown', 'import-recipe r.yaml m.cmp', () => put('r.yaml', 'a: 1\n')],
  [
    'recipe/value',
    'import-recipe r.yaml m.cmp',
    () => put('r.yaml', 'modifiers:\n  - !GMPruningModifier {params: __ALL__, final_sparsity: 1.5}\n'),
  ],
  ['data/no-folder', 'train m.cmp', () => undefined],
  ['data/not-a-folder', 'train m.cmp', () => put('data', 'a file')],
  ['data/no-split', 'train m.cmp', () => put('data/valid.txt', lines)],
  [
    'data/ambiguous-split',
    'train m.cmp',
    () => {
      splits(lines);
      put('data/train.old.txt', lines);
    },
  ],
  ['data/empty-file', 'train m.cmp', () => splits('')],
  ['data/binary', 'train m.cmp', () => splits('a\0b\n')],
  ['data/not-utf8', 'train m.cmp', () => splits(Buffer.from([0x61, 0xff, 0x0a]))],
  ['metrics/none', 'metrics m.cmp', () => undefined],
  ['build/untrained', 'eval m.cmp', () => splits(lines)],
  ['build/not-emitted', 'verify m.cmp', () => undefined],
];

it.each(provoked)('%s: rnnc %s', async (code, command, prepare) => {
  prepare();
  const { code: exit, out, err } = await runCli(root, command.split(' '));
  expect(err).toContain(`[${code}]`);
  expect(err.trimEnd().split('\n')).toHaveLength(1);
  expect([exit, out]).toEqual([3, '']);
  const told = `$ rnnc ${command}\n${err.replaceAll(root, '.')}`;
  if (process.env['UPDATE_GOLDEN'] === '1') collected.push(told);
  else expect(readFileSync(golden, 'utf8')).toContain(told);
});

const collected: string[] = [];
afterAll(() => {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, collected.join('\n'));
});
