/** What can happen to a run, as a user meets it: one line that says what, where and what to do; exit code 3. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeDisk } from '../src/train/disk.js';
import { runCli } from './support/run-cli.js';

const program = (lr = '0.01'): string => `model tiny {
  tokens = ids(vocab=12)
  embed  = embedding(tokens, 6)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 12)
}
compress { rnn: prune(sparsity=50%) }
train {
  data      = text("data", batch=5, unroll=8)
  optimizer = adam(clip=5)
  lr        = ${lr}
  epochs    = 2
  sparsity  = cubic(from=4 steps, to=1 epoch, every=4 steps)
}
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rnnc-faults-cli-'));
  mkdirSync(join(root, 'data'));
  for (const split of ['train', 'valid', 'test'])
    writeFileSync(join(root, 'data', `${split}.txt`), 'a b c d e f g h i j\nb d f h j a c e g i\n'.repeat(40));
  writeFileSync(join(root, 'm.cmp'), program());
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const inRun = (name: string): string => join(root, 'build/tiny/training', name);
const train = (...more: string[]) => runCli(root, ['train', 'm.cmp', '--quiet', '--threads', '1', ...more]);

async function refused(message: RegExp, ...more: string[]): Promise<string> {
  const { code, out, err } = await train(...more);
  expect(err).toMatch(message);
  expect(err.trimEnd().split('\n')).toHaveLength(1);
  expect([code, out]).toEqual([3, '']);
  return err;
}

async function trained(): Promise<Buffer> {
  const { code, err } = await train();
  expect(code, err).toBe(0);
  return readFileSync(join(root, 'build/tiny/weights.safetensors'));
}

it('a damaged checkpoint: the whole one before it is named, and the move that the line tells goes on from it', async () => {
  const weights = await trained();
  const sound = readFileSync(inRun('checkpoint.rnnc'));
  const altered = Buffer.from(sound);
  altered[altered.length >> 1]! ^= 4;
  writeFileSync(inRun('checkpoint.rnnc'), altered);
  await refused(/checkpoint\.rnnc cannot be resumed: it was altered: .*; the one before it, of step \d+, is whole: /);
  writeFileSync(inRun('checkpoint.rnnc'), sound.subarray(0, 1000));
  const line = await refused(/cannot be resumed: it is cut short: 952 of \d+ bytes; .* \[train\/bad-checkpoint\]/);
  const [, from, to] = /go on from that one with `mv (\S+) (\S+)`/.exec(line)!;
  renameSync(from!, to!);
  expect((await trained()).equals(weights)).toBe(true);
});

it('a checkpoint of another program, of other data', async () => {
  await trained();
  writeFileSync(join(root, 'm.cmp'), program('0.02'));
  await refused(/cannot be resumed: it is of another program .*`--restart`/);
  writeFileSync(join(root, 'm.cmp'), program());
  appendFileSync(join(root, 'data/train.txt'), 'a a\n');
  await refused(/cannot be resumed: it was trained on other data .*`--restart`/);
  expect((await train('--restart')).code).toBe(0);
});

it('values that are not finite: the step, the tensor, and the last good checkpoint, which goes on', async () => {
  writeFileSync(join(root, 'm.cmp'), program('linear(0.01, 3e38, from=1 epoch, to=2 epochs)'));
  const line = await refused(
    /is (NaN|Infinity) at step \d+, [^;]* in [a-z.A-Z]+; the last good checkpoint is of step \d+: \S+ /,
  );
  const [, path] = /: (\S+checkpoint\.rnnc) \[train\/diverged\] \(lower `lr`/.exec(line)!;
  expect(path).toBe(inRun('checkpoint.rnnc'));
  expect(existsSync(path!)).toBe(true);
});

it.runIf(existsSync('/dev/full'))('a full disk; with space the same command goes on', async () => {
  mkdirSync(inRun('.'), { recursive: true });
  symlinkSync('/dev/full', inRun('checkpoint.rnnc.tmp'));
  await refused(
    /cannot write the run folder .*training: the disk is full; no checkpoint was written yet .*free some space/,
  );
  expect(existsSync(inRun('run.lock'))).toBe(false);
  await trained();
});

it('a folder in which another run works, and one that a dead run left', async () => {
  mkdirSync(inRun('.'), { recursive: true });
  writeFileSync(inRun('run.lock'), nodeDisk.self());
  await refused(new RegExp(`another run \\(process ${process.pid}\\) is working in .* \\(wait until it ends or`));
  expect(readFileSync(inRun('run.lock'), 'utf8')).toBe(nodeDisk.self());
  writeFileSync(inRun('run.lock'), `${process.pid} 1`);
  await trained();
});

it('data that is not there, or is no text', async () => {
  await refused(/cannot read the data folder .*nowhere: it does not exist .*--data DIR/, '--data', 'nowhere');
  writeFileSync(join(root, 'data/valid.txt'), Uint8Array.of(97, 32, 0xff, 10));
  await refused(/valid\.txt:1/);
  rmSync(join(root, 'data/train.txt'));
  await refused(/train/);
});
