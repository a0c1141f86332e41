/** A bidirectional tagger from the command line: it learns what only the next word says, and predicts it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dice } from './support/dice.js';
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
  const emits = ['onnx {}', 'c { max_steps = 8 }', 'neon { max_steps = 8  cpu = cortex-a53 }'];
  writeFileSync(join(root, 'tagger.cmp'), program(emits.map((emit) => `emit ${emit}`).join('\n')));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a bidirectional tagger', { timeout: 120_000 }, () => {
  it('trains, is emitted, and labels each word by the one behind it', async () => {
    const built = await runCli(root, ['build', 'tagger.cmp', '--threads', '1']);
    expect(built.err).not.toContain('error');
    expect(built.code).toBe(0);
    const text = 'a b e c f a';
    const found = await runCli(root, ['predict', 'tagger.cmp', '--text', text, '--format', 'json']);
    const rows = JSON.parse(found.out) as { readonly label: string }[];
    const asked = text.split(' ');
    expect(rows.map(({ label }) => label)).toEqual(asked.map((_, i) => labelOf(asked[i + 1])));
  });

  it('says the same as C, natively and under emulation', async () => {
    const asked = ['predict', 'tagger.cmp', '--text', 'a b e c f a', '--format', 'json'];
    const rows = async (...more: string[]) =>
      JSON.parse((await runCli(root, [...asked, ...more])).out) as { label: string; probability: number }[];
    const byEngine = await rows();
    for (const by of ['native', 'aarch64']) {
      const found = await rows('--by', by);
      expect(found.map(({ label }) => label)).toEqual(byEngine.map(({ label }) => label));
      found.forEach(({ probability }, i) => {
        expect(probability).toBeCloseTo(byEngine[i]!.probability, 4);
      });
    }
    const score = async (...more: string[]) =>
      JSON.parse((await runCli(root, ['eval', 'tagger.cmp', '--format', 'json', ...more])).out) as { accuracy: number };
    expect((await score('--by', 'native')).accuracy).toBeCloseTo((await score()).accuracy, 9);
  });

  it('verifies, and every tool compiles without a warning', async () => {
    const verified = await runCli(root, ['verify', 'tagger.cmp']);
    expect(verified.err).not.toContain('error');
    expect(verified.code).toBe(0);
    const folder = join(root, 'build', 'tagger', 'c');
    const make = (...args: string[]) =>
      execFileSync('make', [
        '-s',
        '-C',
        folder,
        'STRICT=-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror',
        ...args,
      ]);
    make('all');
    expect(execFileSync(join(folder, 'tagger_bench'), ['3'], { encoding: 'utf8' })).toContain('ns per run of 8 steps');
    make('clean');
  });

  it('stores fewer bits of a weight too', async () => {
    const emits = 'emit c { max_steps = 5  weights = int8 }\nemit neon { max_steps = 5  weights = float16 }';
    writeFileSync(join(root, 'small.cmp'), program(emits).replace('tagger', 'small'));
    expect(await runCli(root, ['emit', 'small.cmp', '--untrained'])).toMatchObject({ code: 0 });
    const verified = await runCli(root, ['verify', 'small.cmp']);
    expect(verified.err).not.toContain('error');
    expect(verified.code).toBe(0);
  });

  it('keeps tight bounds where little is left of an error at the outputs', async () => {
    const deep = `language 1
model deep {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 5)
  rnn    = lstm(embed, 7, bidirectional=yes, layers=2)
  end    = last(rnn)
  class  = softmax(end, 2)
}
emit c { max_steps = 6 }
`;
    writeFileSync(join(root, 'deep.cmp'), deep);
    expect(await runCli(root, ['emit', 'deep.cmp', '--untrained'])).toMatchObject({ code: 0 });
    expect(await runCli(root, ['verify', 'deep.cmp'])).toMatchObject({ code: 0, err: '' });
  });

  it('refuses a longer sequence than it was emitted for', async () => {
    const refused = await runCli(root, ['predict', 'tagger.cmp', '--text', 'a b c d e f a b c', '--by', 'native']);
    expect(refused.err).toContain('a sequence has more than 8 steps');
    expect(refused.code).toBe(3);
  });

  it('has to say how long a sequence may be', async () => {
    writeFileSync(join(root, 'c.cmp'), program('emit c {}'));
    const checked = await runCli(root, ['check', 'c.cmp']);
    expect(checked.err).toContain('`emit c` of rnn.backward, which reads a sequence from its end, expects `max_steps`');
    expect(checked.err).toContain('max_steps = 50');
    expect(checked.code).toBe(1);
  });

  it('explains its plan loop by loop', async () => {
    const plan = await runCli(root, ['explain', 'tagger.cmp', '--plan']);
    expect(plan.out).toMatch(/forward over all steps:[\s\S]*backward over all steps:[\s\S]*step:/);
    expect(plan.out).toContain('8 x 6 floats: embed rows');
  });
});
