/**
 * What a training step costs as the model grows: over H (hidden units), T (unrolled steps) and the number of layers,
 * with what each curve should be: quadratic in H, linear in T and in layers. Every point is measured in a process of
 * its own and kept in the JSON file at once, so that a run that was cut short goes on where it stopped.
 *
 * npm run bench:curves -- [--only hidden,steps,layers] [--small] [--runs 7] [--threads 2] [--out FOLDER] [--restart]
 *
 * Writes curves.json, curves.md and curves.svg to FOLDER (build/bench-curves by default).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { drawCurves } from './curves-plot.mjs';
import { curvesTable } from './curves-table.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'hidden,steps,layers' },
    small: { type: 'boolean', default: false },
    runs: { type: 'string', default: '7' },
    threads: { type: 'string', default: '2' },
    engine: { type: 'string', default: 'onnxruntime' },
    out: { type: 'string', default: join('build', 'bench-curves') },
    restart: { type: 'boolean', default: false },
    one: { type: 'string' },
  },
});

/** Sizes that stay where a curve does not move them. */
const base = { hidden: 200, steps: 20, layers: 2 };
const full = { hidden: [100, 200, 400, 650, 1000, 1500], steps: [10, 20, 35, 50, 100, 200], layers: [1, 2, 3, 4] };
const few = { hidden: [50, 100, 200, 400], steps: [5, 10, 20, 40], layers: [1, 2, 3] };
/** Few words: the softmax over them is linear in H and would hide what the layers cost. */
const [words, batch] = [1000, 20];

const pointsOf = (curve) => (values.small ? few : full)[curve].map((value) => ({ ...base, [curve]: value }));
const nameOf = ({ hidden, steps, layers }) => `${hidden}x${steps}x${layers}`;

function program({ hidden, steps, layers }) {
  const names = Array.from({ length: layers }, (_, i) => `rnn${i + 1}`);
  const stack = names.map((name, i) => `  ${name} = lstm(${names[i - 1] ?? 'embed'}, ${hidden})`);
  return `model curves {
  tokens = ids(vocab=${words})
  embed  = embedding(tokens, ${hidden})
${stack.join('\n')}
  next   = softmax(${names.at(-1)}, ${words})
}
train {
  data      = text("anywhere", batch=${batch}, unroll=${steps})
  optimizer = sgd(clip=5)
  epochs    = 1
}
`;
}

/** From program text to the end of the first step, and the best of some steps behind it. */
async function measure(name) {
  const [hidden, steps, layers] = name.split('x').map(Number);
  const [{ compile, compileTraining }, { findEngine }, { productOperations }, { feedsOf, startStep }] =
    await Promise.all([
      import('../../dist/compile.js'),
      import('../../dist/engines/engines.js'),
      import('../../dist/graph/products.js'),
      import('./steps.mjs'),
    ]);
  const began = performance.now();
  const { model } = compile(
    'curves.cmp',
    () => program({ hidden, steps, layers }),
    () => undefined,
  );
  const step = compileTraining(model, false);
  const compiled = performance.now();
  const session = await startStep(findEngine(values.engine), step, Number(values.threads));
  const feeds = feedsOf(step, words);
  await session.run(feeds);
  const started = performance.now();
  const times = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const before = performance.now();
    await session.run(feeds);
    times.push(performance.now() - before);
  }
  return {
    compileMilliseconds: compiled - began,
    startMilliseconds: started - began,
    stepMilliseconds: Math.min(...times),
    medianMilliseconds: times.sort((a, b) => a - b)[times.length >> 1],
    gigaflop: productOperations(step.graph) / 1e9,
    nodes: step.graph.ops.length,
  };
}

function measureApart(name) {
  const own = ['--one', name, '--runs', values.runs, '--threads', values.threads, '--engine', values.engine];
  const said = execFileSync(process.execPath, [import.meta.filename, ...own], { encoding: 'utf8' });
  return JSON.parse(said.trim().split('\n').at(-1));
}

/** Points that an earlier run measured the same way. */
function readKept(path, setting) {
  if (values.restart || !existsSync(path)) return {};
  const kept = JSON.parse(readFileSync(path, 'utf8'));
  return JSON.stringify(kept.setting) === JSON.stringify(setting) ? kept.points : {};
}

function run() {
  const folder = resolve(values.out);
  mkdirSync(folder, { recursive: true });
  const setting = { engine: values.engine, threads: Number(values.threads), words, batch, base, cpu: cpus()[0].model };
  const path = join(folder, 'curves.json');
  const points = readKept(path, setting);
  const curves = values.only.split(',');
  for (const point of curves.flatMap(pointsOf)) {
    const name = nameOf(point);
    if (points[name] === undefined) {
      points[name] = { ...point, ...measureApart(name) };
      writeFileSync(path, `${JSON.stringify({ setting, points }, undefined, 1)}\n`);
    }
    const { stepMilliseconds, startMilliseconds } = points[name];
    console.log(
      `${name}\t${stepMilliseconds.toFixed(1)} ms\tfirst step after ${(startMilliseconds / 1000).toFixed(2)} s`,
    );
  }
  const series = curves.map((curve) => ({ curve, points: pointsOf(curve).map((point) => points[nameOf(point)]) }));
  const table = curvesTable(setting, series);
  writeFileSync(join(folder, 'curves.md'), table);
  writeFileSync(join(folder, 'curves.svg'), drawCurves(series));
  console.log(`\n${table}`);
}

if (values.one === undefined) run();
else console.log(JSON.stringify(await measure(values.one)));
