/** `rnnc fit`, and `start = "..."` from weights of another form: a dense run to a compressed program. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../src/targets/safetensors/read.js';
import { writeSafetensors } from '../src/targets/safetensors/write.js';
import { runCli } from './support/run-cli.js';

const program = (rules: string, settings = 'epochs = 1', name = 'tiny'): string => `model ${name} {
  tokens = ids(vocab=12)
  embed  = embedding(tokens, 6)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 12)
}
${rules === '' ? '' : `compress { rnn: ${rules} }`}
train {
  data = generated(order=1, vocab=12, tokens=2_000, batch=5, unroll=8)
  ${settings}
}
`;

let root = '';
const dense = 'build/tiny/weights.safetensors';
const write = (name: string, text: string): void => writeFileSync(join(root, name), text);
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'rnnc-fit-'));
  write('tiny.cmp', program(''));
  const { code, err } = await runCli(root, ['train', 'tiny.cmp', '--quiet']);
  expect(err).toBe('');
  expect(code).toBe(0);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('rnnc fit', () => {
  it('prints the error of each weight and writes what emit and verify take', async () => {
    write('lmf.cmp', program('lmf(r=4)', 'epochs = 1', 'low'));
    const fit = await runCli(root, ['fit', 'lmf.cmp', '--from', dense]);
    expect(fit.err).toBe('');
    expect(fit.out).toMatch(/rnn +lmf +0\.\d+/);
    expect(fit.out).toMatch(/next +dense +as given/);
    const { metadata } = readSafetensors(readFileSync(join(root, 'build/low/weights.safetensors')));
    expect(metadata).toMatchObject({ fitted: 'true' });
    expect(existsSync(join(root, 'build/low/vocabulary.json'))).toBe(true);
    const emit = await runCli(root, ['emit', 'lmf.cmp', '--target', 'c', '--quiet']);
    expect([emit.code, emit.err]).toEqual([0, '']);
  });

  it('refuses hlf with the reason of the paper, and writes nothing', async () => {
    write('hlf.cmp', program('hlf(j=3)', 'epochs = 1', 'half'));
    const { code, err } = await runCli(root, ['fit', 'hlf.cmp', '--from', dense]);
    expect(code).toBe(1);
    expect(err).toContain('[H] section 6');
    expect(existsSync(join(root, 'build/half/weights.safetensors'))).toBe(false);
  });

  it('needs --from, a file that is there, and one it does not write over', async () => {
    expect((await runCli(root, ['fit', 'tiny.cmp'])).code).toBe(2);
    expect((await runCli(root, ['fit', 'tiny.cmp', '--from', 'none.safetensors'])).code).toBe(3);
    expect((await runCli(root, ['fit', 'tiny.cmp', '--from', dense])).code).toBe(3);
  });
});

describe('start', () => {
  it('takes the weights of the uncompressed program, or PyTorch names, fitted', async () => {
    const { tensors } = readSafetensors(readFileSync(join(root, dense)));
    const renamed = new Map([...tensors].map(([name, tensor]) => [name.replace('embed.table', 'emb.weight'), tensor]));
    writeFileSync(join(root, 'torch.safetensors'), writeSafetensors(renamed));
    write('on.cmp', program('lmf(r=4)', 'epochs = 1\n  start = "torch.safetensors"', 'on'));
    const { code, err } = await runCli(root, ['train', 'on.cmp', '--quiet']);
    expect([code, err]).toEqual([0, '']);
  });

  it('says what is missing', async () => {
    const { tensors } = readSafetensors(readFileSync(join(root, dense)));
    const cut = new Map([...tensors].filter(([name]) => name !== 'next.bias'));
    writeFileSync(join(root, 'cut.safetensors'), writeSafetensors(cut));
    write('cut.cmp', program('lmf(r=4)', 'epochs = 1\n  start = "cut.safetensors"', 'cut'));
    const { code, err } = await runCli(root, ['train', 'cut.cmp', '--quiet']);
    expect(code).toBe(3);
    expect(err).toContain('`next = softmax`');
  });

  it('compares vocabularies where both are known', async () => {
    write('words.cmp', program('lmf(r=4)', `epochs = 1\n  start = "${dense}"`, 'words'));
    const file = join(root, 'build/tiny/vocabulary.json');
    const words = JSON.parse(readFileSync(file, 'utf8')) as string[];
    writeFileSync(file, JSON.stringify([words[0], 'other', ...words.slice(2)]));
    const { code, err } = await runCli(root, ['train', 'words.cmp', '--quiet']);
    expect(code).toBe(3);
    expect(err).toContain('gives id 1 to "other"');
    writeFileSync(file, JSON.stringify(words));
    expect((await runCli(root, ['train', 'words.cmp', '--quiet'])).code).toBe(0);
  });
});
