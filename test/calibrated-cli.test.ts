/** Calibrated scales from the command line: taken from training data, the same bits as computed, refused without. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from './support/run-cli.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'rnnc-calibrated-'));
  writeFileSync(
    join(root, 'm.cmp'),
    `language 1
model m {
  tokens = ids(vocab=20)
  embed  = embedding(tokens, 6)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 20)
}
train {
  data   = generated(vocab=20, tokens=3_000, batch=10, unroll=10)
  epochs = 1
}
emit c { weights = int8  arithmetic = integer  vectors = calibrated }
`,
  );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('are taken from training data and computed bit by bit', { timeout: 240_000 }, async () => {
  const built = await runCli(root, ['build', 'm.cmp', '--threads', '1']);
  expect(built.code, built.err).toBe(0);
  const compared = built.out.split('\n').filter((line) => line.includes('test perplexity of'));
  expect(compared).toHaveLength(1);
  for (const line of compared)
    expect(line).toMatch(
      /computed bit by bit [\d.]+ \(.* apart, within 0.0001\); with dynamic scales [\d.]+; by the engine/,
    );
  const folder = join(root, 'build', 'm');
  const manifest = JSON.parse(readFileSync(join(folder, 'c', 'manifest.json'), 'utf8')) as {
    readonly vectors: string;
    readonly bitIdentical: boolean;
    readonly regions: readonly { readonly tensor: string }[];
  };
  expect([manifest.vectors, manifest.bitIdentical]).toEqual(['calibrated', true]);
  const scales = manifest.regions.map(({ tensor }) => tensor).filter((tensor) => tensor.includes('vector'));
  expect(scales).toEqual(['rnn.vector1', 'next.vector2']);

  const sample = join(folder, 'calibration.json');
  expect(existsSync(sample)).toBe(true);
  expect((await runCli(root, ['emit', 'm.cmp', '--quiet'])).code).toBe(0);
  rmSync(sample);
  const refused = await runCli(root, ['emit', 'm.cmp']);
  expect(refused.code).toBe(3);
  expect(refused.err).toContain('m has no training data that `vectors = calibrated` could take scales from');
  for (const [text, said] of [
    ['[[1, "two"]]', /calibration\.json is damaged/],
    ['[[1], []]', /calibration\.json is damaged/],
    ['[]', /no training data that/],
    ['[[19, 20]]', /has an id of 20, m has ids below 20/],
  ] as const) {
    writeFileSync(sample, text);
    expect((await runCli(root, ['emit', 'm.cmp'])).err).toMatch(said);
  }
});
