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

  it('makes a program without a train block that predict can be asked by ids', async () => {
    const bare = program('lmf(r=4)', '', 'bare');
    write('bare.cmp', bare.slice(0, bare.indexOf('train {')));
    expect((await runCli(root, ['fit', 'bare.cmp', '--from', dense])).err).toBe('');
    const top = await runCli(root, ['predict', 'bare.cmp', '--ids', '3,7', '--top', '2']);
    expect([top.code, top.err]).toEqual([0, '']);
    expect(top.out.trim().split('\n')).toHaveLength(2);
    const more = await runCli(root, ['predict', 'bare.cmp', '--ids', '3', '--count', '3']);
    expect(more.out.trim().split(' ')).toHaveLength(3);
    const beyond = await runCli(root, ['predict', 'bare.cmp', '--ids', '12']);
    expect(beyond.err).toMatch(/--ids holds 12 .*from 0 to 11/s);
    const cold = await runCli(root, ['predict', 'bare.cmp', '--ids', '3', '--count', '2', '--temperature', '-1']);
    expect([cold.code, cold.err.trim()]).toEqual([2, expect.stringMatching(/--temperature -1 is not a number of at/)]);
    const alone = await runCli(root, ['predict', 'bare.cmp', '--ids', '3', '--temperature', '0.5']);
    expect([alone.code, alone.err]).toEqual([2, expect.stringMatching(/--temperature is of the words .*--count/s)]);
    const none = await runCli(root, ['predict', 'bare.cmp', '--ids', '--top', '2']);
    expect([none.code, none.err]).toEqual([2, expect.stringMatching(/--ids needs a value .*--ids IDS/s)]);
    const text = await runCli(root, ['predict', 'bare.cmp', '--text', 'w3']);
    expect([text.code, text.err]).toEqual([2, expect.stringMatching(/no `train` block .*give --ids/s)]);
  });

  it('names the tensor and the place of a value that is not finite, and the file that is none', async () => {
    const { tensors } = readSafetensors(readFileSync(join(root, dense)));
    const odd = new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
    odd.get('rnn.W')!.data[8 * 14 + 17] = Number.NaN;
    writeFileSync(join(root, 'odd.safetensors'), writeSafetensors(odd));
    write('lmf.cmp', program('lmf(r=4)', 'epochs = 1', 'low'));
    const fit = await runCli(root, ['fit', 'lmf.cmp', '--from', 'odd.safetensors']);
    expect(fit.code).toBe(1);
    expect(fit.err).toContain('`rnn.W` of the weight file holds NaN at index 129, which is [1, 1, 3]');
    writeFileSync(join(root, 'text.safetensors'), 'no weights at all');
    const none = await runCli(root, ['fit', 'lmf.cmp', '--from', 'text.safetensors']);
    expect(none.err).toMatch(/cannot fit to .*text\.safetensors: not a sound safetensors file/);
  });

  it('needs --from, a file that is there, and one it does not write over', async () => {
    expect((await runCli(root, ['fit', 'tiny.cmp'])).code).toBe(2);
    expect((await runCli(root, ['fit', 'tiny.cmp', '--from', 'none.safetensors'])).code).toBe(3);
    expect((await runCli(root, ['fit', 'tiny.cmp', '--from', dense])).code).toBe(3);
  });
});

describe('rnnc eval', () => {
  it('by an engine has the weights that the first C block stores, and says so', async () => {
    write('round.cmp', `${program('')}\nemit onnx { weights = float16 }\nemit c { weights = int3(per=tensor) }`);
    const perplexity = ({ out }: { out: string }): number => Number(/perplexity ([\d.]+)/.exec(out)?.[1]);
    const plain = await runCli(root, ['eval', 'tiny.cmp']);
    const rounded = await runCli(root, ['eval', 'round.cmp']);
    expect(rounded.err).toBe('');
    expect(plain.out).toMatch(/by engine: perplexity/);
    expect(rounded.out).toContain('by engine, in int3(per=tensor) as `emit c` stores it: perplexity');
    expect(Math.abs(perplexity(rounded) - perplexity(plain))).toBeGreaterThan(1e-3);
    const json = await runCli(root, ['eval', 'round.cmp', '--format', 'json']);
    expect(JSON.parse(json.out)).toMatchObject({ weights: 'int3(per=tensor)', by: 'engine' });
  });
});

describe('rnnc emit', () => {
  it('of a program with projections says why there is no training graph', async () => {
    write('distort.cmp', program('lmf(r=4)', 'epochs = 1\n  distort = distort(lmf, every=9 steps)', 'projected'));
    const { code, err, out } = await runCli(root, ['emit', 'distort.cmp', '--target', 'onnx', '--untrained']);
    expect(code).toBe(0);
    expect(out).toContain('onnx');
    expect(err).toContain('onnx: predict/ only, no train/: `distort` projects weights between steps');
    expect(existsSync(join(root, 'build/projected/onnx/train'))).toBe(false);
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
