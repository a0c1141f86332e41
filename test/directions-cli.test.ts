/** A bidirectional tagger from the command line: it learns what only the next word says, and predicts it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dice } from './support/random-programs.js';
import { runCli } from './support/run-cli.js';

const words = ['a', 'b', 'c', 'd', 'e', 'f'];

/** The label of a word: whether the next one comes early in the alphabet. */
const labelOf = (next: string | undefined): string => (next !== undefined && next < 'd' ? 'early' : 'late');

function columns(seed: number, sequences: number): string {
  const dice = new Dice(seed, 'tagged');
  const one = (): string => {
    const drawn = Array.from({ length: dice.between(2, 6) }, () => dice.pick(words));
    return drawn.map((word, i) => `${word} ${labelOf(drawn[i + 1])}\n`).join('');
  };
  return Array.from({ length: sequences }, one).join('\n');
}

const program = (emits: string): string => `language 1
model tagger {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 6)
  rnn    = gru(embed, 8, bidirectional=yes, merge=sum)
  tags   = softmax(rnn, 2)
}
compress { rnn.backward: lmf(r=5) }
train {
  data      = tagged("data", batch=16, max_steps=8)
  optimizer = adam(clip=5)
  lr        = 0.05
  epochs    = 3
  metric    = accuracy
}
${emits}
`;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'rnnc-directions-'));
  mkdirSync(join(root, 'data'));
  for (const [i, split] of ['train', 'valid', 'test'].entries())
    writeFileSync(join(root, 'data', `${split}.txt`), columns(i + 1, split === 'train' ? 300 : 40));
  writeFileSync(join(root, 'tagger.cmp'), program('emit onnx {}'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a bidirectional tagger', { timeout: 120_000 }, () => {
  it('trains, is emitted, and labels each word by the one behind it', async () => {
    const built = await runCli(root, ['build', '--threads', '1']);
    expect(built.err).not.toContain('error');
    expect(built.code).toBe(0);
    const text = 'a b e c f a';
    const found = await runCli(root, ['predict', '--text', text, '--format', 'json']);
    const rows = JSON.parse(found.out) as { readonly label: string }[];
    const asked = text.split(' ');
    expect(rows.map(({ label }) => label)).toEqual(asked.map((_, i) => labelOf(asked[i + 1])));
  });

  it('is not emitted as C, which has no end to begin at', async () => {
    const refused = await runCli(root, ['emit', '--target', 'c']);
    expect(refused.err).toContain('emit/whole-sequence');
    expect(refused.code).toBe(3);
    writeFileSync(join(root, 'c.cmp'), program('emit c {}'));
    const checked = await runCli(root, ['check', 'c.cmp']);
    expect(checked.err).toContain('`emit c` of a bidirectional layer is not in this version');
    expect(checked.code).toBe(1);
  });
});
