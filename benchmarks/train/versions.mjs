/**
 * One training step as this compiler writes and runs it, in turn with the same step as another compiled version does:
 * what a change of the ONNX form or of the engine is worth, by the time of the processor. Usage, after `npm run build`
 * here and there: node benchmarks/train/versions.mjs --other ../before/dist [--hidden 650] [--threads 1] [--runs 12]
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { compileStep, feedsOf, sizes, startStep } from './steps.mjs';

const { values: options } = parseArgs({
  options: {
    other: { type: 'string' },
    engine: { type: 'string', default: 'onnxruntime' },
    hidden: { type: 'string', default: '650' },
    threads: { type: 'string', default: '1' },
    runs: { type: 'string', default: '12' },
    compressed: { type: 'boolean', default: false },
  },
});
const [hidden, threads, runs] = ['hidden', 'threads', 'runs'].map((name) => Number(options[name]));
if (options.other === undefined) throw new Error('--other names the dist folder of another version');

const { steps } = sizes.find((s) => s.hidden === hidden);
const step = compileStep(hidden, steps, options.compressed);
const feeds = feedsOf(step);

async function start(name, dist) {
  const { findEngine } = await import(pathToFileURL(resolve(dist, 'engines/engines.js')).href);
  const session = await startStep(findEngine(options.engine), step, threads);
  const { loss } = await session.run(feeds);
  return { name, session, loss: loss.data[0], times: [] };
}

async function timeStep({ session, times }) {
  const used = process.cpuUsage();
  await session.run(feeds);
  const { user, system } = process.cpuUsage(used);
  times.push((user + system) / 1000);
}

const here = new URL('../../dist', import.meta.url).pathname;
const both = [await start('this version', here), await start('the other one', options.other)];
for (let run = 0; run < runs; run++) for (const one of both) await timeStep(one);

const sorted = both.map(({ times }) => [...times].sort((a, b) => a - b));
console.log(
  `H=${hidden}, T=${steps}, ${options.engine}, ${threads} threads; ms of the processor, ${runs} runs in turn`,
);
both.forEach(({ name, loss }, i) => {
  const [least, median] = [sorted[i][0], sorted[i][runs >> 1]].map((time) => time.toFixed(1));
  console.log(`  ${name.padEnd(14)} least ${least}, median ${median}, first loss ${loss}`);
});
const ratio = (pick) => (pick(sorted[1]) / pick(sorted[0])).toFixed(3);
console.log(
  `  the other one over this version: ${ratio((t) => t[0])} by the least, ${ratio((t) => t[runs >> 1])} by the median`,
);
