/**
 * `npm run bench:passes`: what each pass over the graph is worth. One training step of the two-layer LSTM language model
 * with all passes, in turn with the same step with one pass left out wherever it stands; the table shows by how much
 * the step is slower without it. Ratios are of the best of several runs in one process: other work on the machine only
 * ever adds time.
 *
 * Options: --engine onnxruntime|tfjs-wasm  --threads N  --runs N  --hidden 200|650  --only PASS
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { findEngine } from '../../dist/engines/engines.js';
import { trainingPasses } from '../../dist/passes/passes.js';
import { feedsOf, lowerStep, sizes, startStep } from './steps.mjs';

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'onnxruntime' },
    threads: { type: 'string', default: '2' },
    runs: { type: 'string', default: '20' },
    hidden: { type: 'string' },
    only: { type: 'string' },
  },
});
const engine = findEngine(options.engine);
const runs = Number(options.runs);

async function start(hidden, steps, passes) {
  const step = lowerStep(hidden, steps, false, passes);
  const session = await startStep(engine, step, Number(options.threads));
  const feeds = feedsOf(step);
  await session.run(feeds);
  return { session, feeds, ops: step.graph.ops.length };
}

/** Milliseconds of the clock and of the processor; the latter hold only with one thread, as threads that wait run. */
async function timeStep({ session, feeds }) {
  const [used, begin] = [process.cpuUsage(), performance.now()];
  await session.run(feeds);
  const { user, system } = process.cpuUsage(used);
  return { clock: performance.now() - begin, processor: (user + system) / 1000 };
}

/** Best times of two steps that run in turn. */
async function race(all, without) {
  for (const one of [all, without]) Object.assign(one, { clock: Infinity, processor: Infinity });
  for (let run = 0; run < runs; run++) {
    for (const one of [all, without]) {
      const { clock, processor } = await timeStep(one);
      Object.assign(one, { clock: Math.min(one.clock, clock), processor: Math.min(one.processor, processor) });
    }
  }
}

/** By the clock, or with one thread by the processor: what others do on the machine weighs less there. */
const measured = Number(options.threads) === 1 ? 'processor' : 'clock';

const distinct = [...new Set(trainingPasses)].filter(({ name }) => options.only === undefined || name === options.only);

async function measure(hidden, steps) {
  const all = await start(hidden, steps, trainingPasses);
  console.log(`\nH=${hidden}, T=${steps}: ${all.ops} ops`);
  console.log(
    `  ${'without'.padEnd(18)}${'ops'.padStart(7)}${'ms'.padStart(9)}${'all, ms'.padStart(9)}${'ratio'.padStart(8)}`,
  );
  for (const pass of distinct) {
    const rest = trainingPasses.filter((p) => p !== pass);
    const without = await start(hidden, steps, rest);
    await race(all, without);
    const ratio = (without[measured] / all[measured]).toFixed(2);
    const times = [without[measured], all[measured]].map((time) => time.toFixed(1).padStart(9)).join('');
    console.log(`  ${pass.name.padEnd(18)}${String(without.ops).padStart(7)}${times}${ratio.padStart(8)}`);
    await without.session.close();
  }
  await all.session.close();
}

const { detail } = await engine.available();
console.log(
  `${cpus()[0].model}, ${options.threads} threads; Node ${process.version}; ${detail}; best of ${runs} by the ${measured}`,
);
for (const { hidden, steps } of sizes) {
  if (options.hidden === undefined || Number(options.hidden) === hidden) await measure(hidden, steps);
}
