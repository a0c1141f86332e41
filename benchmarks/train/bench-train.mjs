/**
 * `npm run bench:train`: one training step of a two-layer LSTM language model (vocabulary 10,000, batch 20) on every
 * engine, beside the same step written by hand for tfjs and for PyTorch, and the bars that the ratios must reach.
 * Ratios are of the best of several runs, taken in turn where engines can share a process: other work on the machine
 * only ever adds time.
 *
 * Options: --skip-eager-650  --threads N  --runs N
 */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findEngine } from '../../dist/engines/engines.js';
import { Builder } from '../../dist/graph/builder.js';
import { leastOf, needsOf, startNodes } from './least.mjs';
import { compileStep, feedsOf, sizes, startStep, stepOperations } from './steps.mjs';

const { values: options } = parseArgs({
  options: {
    'skip-eager-650': { type: 'boolean', default: false },
    threads: { type: 'string', default: '2' },
    runs: { type: 'string', default: '15' },
  },
});
const threads = Number(options.threads);
const runs = Number(options.runs);
const here = dirname(fileURLToPath(import.meta.url));

const median = (times) => [...times].sort((a, b) => a - b)[times.length >> 1];
const best = (times) => Math.min(...times);
const show = (milliseconds) => `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`;

/** A product of two square matrices on the engine's own MatMul: what it can reach at most. */
async function startLarge(engine, edge) {
  const g = new Builder();
  const [a, b] = ['a', 'b', 'c'].map((name) => g.input(name, [edge, edge]));
  // The product takes the place of an input that nothing reads, so that it stays in the engine as weights do.
  const graph = g.finish({ 'c.next': g.matmul(a, b) });
  const session = await engine.load(graph, { threads, carries: new Map([['c.next', 'c']]) });
  const filled = (value) => ({ shape: [edge, edge], data: new Float32Array(edge * edge).fill(value) });
  for (const [i, name] of ['a', 'b', 'c'].entries()) session.set(name, filled(0.5 * i));
  return { session, feeds: {}, operations: 2 * edge ** 3 };
}

async function timeRun({ session, feeds, repeat = 1 }) {
  const start = performance.now();
  for (let i = 0; i < repeat; i++) await session.run(feeds);
  return performance.now() - start;
}

/**
 * Steps of several sessions in turn, so that all of them meet the same machine. In training a step follows another of
 * its own: the first of each turn, whose caches and threads are still another session's, is not counted.
 */
async function timeInTurn(sessions, count) {
  const times = sessions.map(() => []);
  for (let turn = 0; turn < count; turn++) {
    for (const [i, measured] of sessions.entries()) {
      await timeRun(measured);
      times[i].push(await timeRun(measured), await timeRun(measured));
    }
  }
  return times;
}

/**
 * How often in a row a short run is timed against a long one: the best of windows of one length. Clocks of processors
 * are higher for moments, which a run of a quarter of the length meets more often.
 */
async function repeatsOf(short, long) {
  const [times, against] = await timeInTurn([short, long], 2);
  return Math.max(1, Math.round(best(against) / best(times)));
}

async function startMeasured(engine, hidden, steps, compressed) {
  const begin = performance.now();
  const step = compileStep(hidden, steps, compressed);
  const session = await startStep(engine, step, threads);
  const feeds = feedsOf(step);
  await session.run(feeds);
  return { session, feeds, step, ready: performance.now() - begin };
}

const child = (command, args) => {
  const text = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(text.trim().split('\n').at(-1));
};

/** The first Python that has PyTorch; a distribution's package is seen only by the distribution's Python. */
function timeTorch(hidden, steps) {
  for (const python of ['python3', '/usr/bin/python3']) {
    try {
      const result = child(python, [join(here, 'torch-step.py'), hidden, steps, 7, threads].map(String));
      if (result.missing === undefined) return result;
    } catch {
      // No such Python: the next one may be there.
    }
  }
  return { missing: 'not installed (Debian and Ubuntu: apt install python3-torch)' };
}

const bars = [];
const bar = (what, value, limit, atMost = false) => {
  const met = atMost ? value <= limit : value >= limit;
  const sign = atMost ? '<=' : '>=';
  bars.push(`  ${met ? 'met   ' : 'missed'} ${what.padEnd(64)} ${value.toFixed(2).padStart(8)}  (${sign} ${limit})`);
};

/** What the machine allows, beside what the step takes. */
function printLeast(needs, milliseconds, rates) {
  const { parts, total } = leastOf(needs, rates);
  const share = (total / milliseconds).toFixed(2);
  console.log(`    products and nodes alone could not take less than ${show(total)} here, ${share} of the step`);
  for (const [what, part] of parts) console.log(`      ${show(part).padStart(8)}  ${what}`);
}

async function measureNative(hidden, steps) {
  const engine = findEngine('onnxruntime');
  const dense = await startMeasured(engine, hidden, steps, false);
  const compressed = await startMeasured(engine, hidden, steps, true);
  const large = await startLarge(engine, 2048);
  const chain = await startNodes(engine, threads);
  const repeat = await repeatsOf(large, dense);
  const many = { ...large, repeat, operations: repeat * large.operations };
  const sessions = [dense, compressed, large, many, chain];
  const [denseTimes, compressedTimes, largeTimes, manyTimes, chainTimes] = await timeInTurn(sessions, runs);
  for (const { session } of [dense, compressed, large, chain]) await session.close();
  const speed = stepOperations(hidden, steps) / best(denseTimes) / 1e6;
  const [single, largeSpeed] = [large.operations / best(largeTimes) / 1e6, many.operations / best(manyTimes) / 1e6];
  console.log(`  rnnc, onnxruntime, dense          ${show(best(denseTimes))} (median ${show(median(denseTimes))})`);
  const inRow = `${repeat} in a row, ${largeSpeed.toFixed(0)}: ${(speed / largeSpeed).toFixed(2)}`;
  const middle = stepOperations(hidden, steps) / median(denseTimes) / (large.operations / median(largeTimes));
  console.log(
    `    ${speed.toFixed(0)} GFLOP/s; large MatMul, ${inRow}; ` +
      `one by itself ${single.toFixed(0)}: ${(speed / single).toFixed(2)}; by medians ${middle.toFixed(2)}`,
  );
  const needs = await needsOf(dense.step, threads);
  const run = needs.operations / best(denseTimes) / 1e6;
  console.log(`    of the operations that it really runs ${run.toFixed(0)}: ${(run / single).toFixed(2)}`);
  printLeast(needs, best(denseTimes), {
    product: large.operations / best(largeTimes),
    chain: chain.nodes / best(chainTimes),
  });
  console.log(`    from program text to the end of the first step: ${show(dense.ready)}`);
  console.log(
    `  rnnc, onnxruntime, dkp with cmr   ${show(best(compressedTimes))} (median ${show(median(compressedTimes))})`,
  );
  if (hidden === 650) bar('H=650: step GFLOP/s over large MatMul GFLOP/s', speed / single, 0.75);
  if (hidden === 650) bar('H=650: seconds from program text to the end of the first step', dense.ready / 1000, 3, true);
  bar(`H=${hidden}: dkp with cmr over dense`, best(compressedTimes) / best(denseTimes), 1.5, true);
  return best(denseTimes);
}

async function measureTfjs(hidden, steps) {
  const engine = findEngine('tfjs-wasm');
  const dense = await startMeasured(engine, hidden, steps, false);
  const [times] = await timeInTurn([dense], 5);
  await dense.session.close();
  console.log(`  rnnc, tfjs-wasm, dense            ${show(best(times))} (one thread: wasm has no more under Node)`);
  return best(times);
}

function measurePeers(hidden, steps, native, wasm) {
  if (hidden === 650 && options['skip-eager-650']) console.log('  tfjs variableGrads, wasm          skipped');
  else {
    const script = join(here, 'tfjs-eager-step.mjs');
    const eager = child(process.execPath, [script, hidden, steps, hidden === 650 ? 1 : 3].map(String));
    console.log(
      `  tfjs variableGrads, wasm          ${show(eager.milliseconds)} (${(eager.milliseconds / native).toFixed(1)}x onnxruntime)`,
    );
    if (hidden === 200) {
      bar('H=200: tfjs variableGrads on wasm over rnnc on onnxruntime', eager.milliseconds / native, 60);
      bar('H=200: tfjs variableGrads on wasm over rnnc on tfjs-wasm', eager.milliseconds / wasm, 10);
    }
  }
  const torch = timeTorch(hidden, steps);
  if (torch.missing !== undefined) console.log(`  PyTorch nn.LSTM                   ${torch.missing}`);
  else {
    const facts = `PyTorch ${torch.version}, ${torch.threads} threads, ${torch.blas}`;
    console.log(`  PyTorch nn.LSTM                   ${show(torch.milliseconds)} (${facts})`);
    bar(`H=${hidden}: PyTorch nn.LSTM over rnnc on onnxruntime`, torch.milliseconds / native, 3.5);
  }
}

/** A real run: data, masks (anew every 100 steps) and random draws between its steps. */
function measureHost(hidden, steps) {
  const size = ['--hidden', hidden, '--unroll', steps, '--threads', threads];
  const host = child(process.execPath, [join(here, 'host.mjs'), ...size, '--json'].map(String));
  console.log(
    `  between two steps                 ${host.median.toFixed(2)} ms, with new masks ${show(host.masks)}, of a step of ${show(host.step)}`,
  );
  bar(`H=${hidden}: percent of a step that the engine waits for the host`, 100 * host.share, 5, true);
}

/** Many steps and layers: a graph of thousands of nodes, in a process of its own. */
function measureDeep() {
  const point = child(process.execPath, [join(here, 'curves.mjs'), '--one', '200x200x4', '--runs', '3']);
  console.log(`\nH=200, T=200, 4 layers: ${point.nodes} nodes, a step ${show(point.stepMilliseconds)}`);
  bar(
    'T=200, 4 layers: seconds from program text to the end of the first step',
    point.startMilliseconds / 1000,
    15,
    true,
  );
}

const { detail } = await findEngine('onnxruntime').available();
console.log(`${cpus()[0].model}, ${cpus().length} cores, ${threads} threads; Node ${process.version}; ${detail}`);
for (const { hidden, steps } of sizes) {
  console.log(`\nH=${hidden}, T=${steps}: 2 LSTM layers, vocabulary 10,000, batch 20`);
  const native = await measureNative(hidden, steps);
  const wasm = await measureTfjs(hidden, steps);
  measurePeers(hidden, steps, native, wasm);
  measureHost(hidden, steps);
}
measureDeep();
console.log(`\nbars:\n${bars.join('\n')}`);
