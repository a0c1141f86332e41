/** Training as a user meets it: where it starts, when it stops, and what it refuses. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../src/targets/safetensors/read.js';
import { writeSafetensors } from '../src/targets/safetensors/write.js';
import { runCli } from './support/run-cli.js';

const program = (settings: string, data = 'generated(order=1, vocab=12, tokens=2_000, batch=5, unroll=8)'): string =>
  `model tiny {
  tokens = ids(vocab=12)
  embed  = embedding(tokens, 6)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 12)
}
train {
  data      = ${data}
  optimizer = sgd(clip=5)
  ${settings}
}
`;

const roots: string[] = [];
function folderWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'rnnc-train-cli-'));
  roots.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

describe('start and stop', () => {
  it('goes on from the weights of another run, and stops when it gets no better', async () => {
    const root = folderWith({ 'm.cmp': program('epochs = 2') });
    const first = await runCli(root, ['train', '--quiet']);
    expect(first.code, first.err).toBe(0);
    const settings = 'epochs = 30\n lr = linear(0.5, 50.0, to=3 epochs)\n stop = early(patience=2)';
    const start = 'start = "build/tiny/weights.safetensors"';
    writeFileSync(join(root, 'n.cmp'), program(`${settings}\n ${start}`));
    const second = await runCli(root, ['train', 'n.cmp', '--out', 'next']);
    expect(second.code, second.err).toBe(0);
    expect(second.err).toMatch(/note: stopped after epoch \d+: valid is not better than \d+\.\d\d of epoch \d+/);
    const explained = await runCli(root, ['explain', 'n.cmp']);
    expect(explained.out).toMatch(/stop +=? *early\(patience=2\), counted in epochs at full sparsity/);
    expect(explained.out).toMatch(/start +=? *"build\/tiny\/weights\.safetensors"/);
  });

  it('refuses weights that are not there, not sound, or hold NaN: one line, exit code 3', async () => {
    const root = folderWith({ 'm.cmp': program('epochs = 1'), 'n.cmp': program('epochs = 1\n start = "w.st"') });
    const refused = async (message: RegExp): Promise<void> => {
      const { code, err } = await runCli(root, ['train', 'n.cmp', '--quiet']);
      expect(err.trim().split('\n')).toHaveLength(1);
      expect(err).toMatch(message);
      expect(code).toBe(3);
    };
    await refused(/cannot read .*w\.st/);
    writeFileSync(join(root, 'w.st'), 'no weights');
    await refused(/cannot start from .*w\.st: not a sound safetensors file/);
    expect((await runCli(root, ['train', 'm.cmp', '--quiet'])).code).toBe(0);
    const { tensors } = readSafetensors(readFileSync(join(root, 'build/tiny/weights.safetensors')));
    const [name, tensor] = [...tensors].find(([, { data }]) => data.length > 5)!;
    tensor.data[5] = Number.POSITIVE_INFINITY;
    writeFileSync(join(root, 'w.st'), writeSafetensors(tensors, {}));
    rmSync(join(root, 'build'), { recursive: true });
    await refused(new RegExp(`${name.replace('.', '\\.')} holds Infinity at index 5 .*odd-weights`));
  });
});

describe('metrics', () => {
  it('are printed, and become an event file for TensorBoard', async () => {
    const root = folderWith({ 'm.cmp': program('epochs = 2') });
    const none = await runCli(root, ['metrics']);
    expect([none.code, none.out]).toEqual([3, '']);
    expect(none.err).toMatch(/there is no .*metrics\.jsonl .*run `rnnc train` first/);
    expect((await runCli(root, ['train', '--quiet'])).code).toBe(0);
    const printed = await runCli(root, ['metrics']);
    const lines = printed.out.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind).filter((k) => k !== 'step')).toEqual([
      'epoch',
      'epoch',
      'test',
    ]);
    const written = await runCli(root, ['metrics', '--tensorboard', 'runs/m']);
    expect(written.out).toMatch(/^runs\/m\/events\.out\.tfevents\.0\.rnnc: \d+ scalars\n$/);
    const bytes = readFileSync(join(root, 'runs/m/events.out.tfevents.0.rnnc')).toString('latin1');
    expect(bytes.split('epoch/valid_perplexity')).toHaveLength(3);
    expect(bytes.split('epoch/test_perplexity')).toHaveLength(2);
  });

  it('grow as an event file while a run trains', async () => {
    const root = folderWith({ 'm.cmp': program('epochs = 1') });
    const trained = await runCli(root, ['train', '--quiet', '--tensorboard', 'runs']);
    expect(trained.code, trained.err).toBe(0);
    await runCli(root, ['metrics', '--tensorboard', 'converted']);
    const [streamed, converted] = ['runs/tiny', 'converted'].map((folder) =>
      readFileSync(join(root, folder, 'events.out.tfevents.0.rnnc')),
    );
    expect(streamed!.equals(converted!)).toBe(true);
    writeFileSync(join(root, 'file'), '');
    const refused = await runCli(root, ['train', '--quiet', '--restart', '--tensorboard', 'file']);
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/^rnnc: cannot write the event file in .*file\/tiny: .*\(choose .* --tensorboard\)\n$/);
  });

  it('has help with an example', async () => {
    expect((await runCli(folderWith({}), ['metrics', '--help'])).out).toContain('rnnc metrics model.cmp --tensorboard');
  });
});
