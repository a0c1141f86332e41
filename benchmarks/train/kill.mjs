/**
 * Kills a training run at random moments (`kill -9`) and resumes it: what it ends with must be the very bytes of a run
 * that was never killed. Doped Kronecker products, co-matrix row dropout, a sparsity schedule and Adam: everything a
 * checkpoint holds is in play. Run after `npm run build`: node benchmarks/train/kill.mjs [--kills 30] [--seed 1]
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
});
const kills = Number(values.kills);
const main = resolve(import.meta.dirname, '../../dist/cli/main.js');
const program = `model killed {
  tokens = ids(vocab=30)
  embed  = embedding(tokens, 16, dropout=20%)
  rnn    = lstm(embed, 24)
  next   = softmax(rnn, 30)
}
compress { rnn: dkp(B=4x5, C=6x8) to 4x }
train {
  data       = generated(order=2, vocab=30, tokens=60_000, batch=10, unroll=10)
  optimizer  = adam(clip=5)
  lr         = 0.01
  epochs     = 3
  sparsity   = cubic(from=50 steps, to=2 epochs, every=20 steps)
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
const start = (out) =>
  spawn(process.execPath, [main, 'train', '--out', out, '--checkpoint-every', '40', '--threads', '1'], {
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

function lastLine(out) {
  const path = fileOf(out, 'training/metrics.jsonl');
  if (!existsSync(path)) return undefined;
  return readFileSync(path, 'utf8').split('\n').slice(0, -1).at(-1);
}

/** One run that is killed after `milliseconds`, then resumed to its end; undefined when it was over before. */
async function trial(out, milliseconds, expected) {
  const victim = start(out);
  const death = ended(victim);
  await Promise.race([death, pause(milliseconds)]);
  if (victim.exitCode !== null) return undefined;
  victim.kill('SIGKILL');
  await death;
  const line = lastLine(out);
  const { code, said } = await ended(start(out));
  const resumed = /resumed at step ([\d,]+)/.exec(said)?.[1] ?? 'the start';
  const same = compared.map((name) => code === 0 && hashOf(fileOf(out, name)) === expected[name]);
  rmSync(join(folder, out), { recursive: true, force: true });
  return { logged: line === undefined ? 0 : JSON.parse(line).step, resumed, same, code };
}

try {
  writeFileSync(join(folder, 'killed.cmp'), program);
  const began = performance.now();
  const whole = await ended(start('whole'));
  if (whole.code !== 0) throw new Error(whole.said);
  const length = performance.now() - began;
  const expected = Object.fromEntries(compared.map((name) => [name, hashOf(fileOf('whole', name))]));
  console.log(`a run of ${(length / 1000).toFixed(1)} s, killed ${kills} times; seed ${values.seed}`);
  console.log(['kill', 'after ms', 'last logged step', 'resumed at', 'weights', 'checkpoint'].join('\t'));
  const random = uniform(values.seed);
  let failed = 0;
  for (let n = 1; n <= kills; ) {
    const moment = Math.round(random.next().value * length);
    const result = await trial(`cut${n}`, moment, expected);
    // The machine was quicker this time: another moment.
    if (result === undefined) continue;
    if (!result.same.every(Boolean)) failed++;
    const verdicts = result.same.map((same) => (same ? 'identical' : `DIFFERS (exit ${result.code})`));
    console.log([n, moment, result.logged, result.resumed, ...verdicts].join('\t'));
    n++;
  }
  console.log(failed === 0 ? `all ${kills} end bit-identical` : `${failed} of ${kills} DIFFER`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
