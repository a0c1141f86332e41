/**
 * Kills a training run at random moments (`kill -9`) and resumes it: what it ends with must be the very bytes of a run
 * that was never killed. Doped Kronecker products, co-matrix row dropout, a sparsity schedule and Adam: everything a
 * checkpoint holds is in play. The moments are spread over all steps; every tenth kill falls before the first
 * checkpoint. After `npm run build`:
 * node benchmarks/train/kill.mjs [--kills 30] [--seed 1] [--engine onnxruntime] [--epochs 3]
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'onnxruntime' },
    epochs: { type: 'string', default: '3' },
  },
});
const kills = Number(values.kills);
const epochs = Number(values.epochs);
const [stepsPerEpoch, checkpointEvery] = [200, 25];
const steps = epochs * stepsPerEpoch;
const main = resolve(import.meta.dirname, '../../dist/cli/main.js');
const program = `model killed {
  tokens = ids(vocab=30)
  embed  = embedding(tokens, 16, dropout=20%)
  rnn    = lstm(embed, 24)
  next   = softmax(rnn, 30)
}
compress { rnn: dkp(B=4x5, C=6x8) to 4x }
train {
  data       = generated(order=2, vocab=30, tokens=${100 * stepsPerEpoch}, batch=10, unroll=10)
  optimizer  = adam(clip=5)
  lr         = 0.01
  epochs     = ${epochs}
  sparsity   = cubic(from=30 steps, to=${Math.max(1, epochs - 1)} epochs, every=20 steps)
  regularize = cmr(p=60%, until=sparsity(60%))
}
`;

/** Uniform in [0, 1), from a seed: a failure can be had again. */
function* uniform(seed) {
  for (let n = 0; ; n++) {
    const digest = createHash('sha256').update(`${seed} ${n}`).digest();
    yield digest.readUInt32LE(0) / 2 ** 32;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'rnnc-kill-'));
const given = ['--checkpoint-every', String(checkpointEvery), '--threads', '1', '--engine', values.engine];
const start = (out) =>
  spawn(process.execPath, [main, 'train', '--out', out, ...given], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
/** Exit code and what it said. */
const ended = (child) =>
  new Promise((done) => {
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.on('close', (code) => done({ code, said }));
  });
const fileOf = (out, name) => join(folder, out, 'killed', name);
const hashOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
const compared = ['weights.safetensors', 'training/checkpoint.rnnc'];
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** The last step that the log has; 0 before its first line. */
function loggedStep(out) {
  const path = fileOf(out, 'training/metrics.jsonl');
  const line = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1).at(-1) : undefined;
  return line === undefined ? 0 : JSON.parse(line).step;
}

/** The step before which each run dies: a tenth before the first checkpoint, the others one in each part of the rest. */
function momentOf(n, random) {
  const early = Math.max(1, Math.round(kills / 10));
  if (n <= early) return Math.floor(random.next().value * checkpointEvery);
  const part = (n - early - 1 + random.next().value) / (kills - early);
  return checkpointEvery + Math.floor(part * (steps - checkpointEvery));
}

/** One run that is killed behind `step`, then resumed to its end; undefined when it was over before. */
async function trial(out, step, delay, expected) {
  const victim = start(out);
  const death = ended(victim);
  while (victim.exitCode === null && loggedStep(out) < step) await pause(2);
  // A step, a write of a checkpoint or a validation is somewhere in its middle.
  await pause(delay);
  if (victim.exitCode !== null) return undefined;
  victim.kill('SIGKILL');
  await death;
  const killed = loggedStep(out);
  const { code, said } = await ended(start(out));
  const resumed = /resumed at step ([\d,]+)/.exec(said)?.[1]?.replaceAll(',', '') ?? '0';
  const same = compared.map((name) => code === 0 && hashOf(fileOf(out, name)) === expected[name]);
  rmSync(join(folder, out), { recursive: true, force: true });
  return { killed, resumed, same, code };
}

async function runAll(expected) {
  const random = uniform(values.seed);
  let [failed, early] = [0, 0];
  for (let n = 1; n <= kills; ) {
    const [step, delay] = [momentOf(n, random), Math.round(30 * random.next().value)];
    const result = await trial(`cut${n}`, step, delay, expected);
    // It was over before the kill came: another moment of the same part.
    if (result === undefined) continue;
    if (!result.same.every(Boolean)) failed++;
    if (result.resumed === '0') early++;
    const verdicts = result.same.map((same) => (same ? 'identical' : `DIFFERS (exit ${result.code})`));
    console.log([n, result.killed, result.resumed, ...verdicts].join('\t'));
    n++;
  }
  console.log(failed === 0 ? `all ${kills} end bit-identical` : `${failed} of ${kills} DIFFER`);
  console.log(`${early} began again at the start, ${kills - early} at a checkpoint`);
  process.exitCode = failed === 0 ? 0 : 1;
}

try {
  writeFileSync(join(folder, 'killed.cmp'), program);
  const whole = await ended(start('whole'));
  if (whole.code !== 0) throw new Error(whole.said);
  const expected = Object.fromEntries(compared.map((name) => [name, hashOf(fileOf('whole', name))]));
  console.log(`${values.engine}: ${steps} steps, a checkpoint every ${checkpointEvery}; seed ${values.seed}`);
  console.log(['kill', 'killed behind step', 'resumed from step', 'weights', 'last checkpoint'].join('\t'));
  await runAll(expected);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
