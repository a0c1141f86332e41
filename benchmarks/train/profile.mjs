/**
 * Where the time of one training step goes on onnxruntime, node by node, by its own profiler: the least time of every
 * node over several runs, added up by kind of node and operand shapes. Usage, after `npm run build`:
 * node benchmarks/train/profile.mjs [--hidden 200] [--compressed] [--runs 12] [--rows 40]
 */
import { parseArgs } from 'node:util';
import { operationsOf, profileStep, shapesOf } from './profiled.mjs';
import { compileStep, sizes } from './steps.mjs';

const { values: options } = parseArgs({
  options: {
    hidden: { type: 'string', default: '200' },
    threads: { type: 'string', default: '2' },
    runs: { type: 'string', default: '12' },
    rows: { type: 'string', default: '40' },
    compressed: { type: 'boolean', default: false },
  },
});
const [hidden, threads, runs, rows] = ['hidden', 'threads', 'runs', 'rows'].map((name) => Number(options[name]));
const { steps } = sizes.find((s) => s.hidden === hidden);

const shapeTexts = (list) => shapesOf(list).map((shape) => shape.join('x'));
function describe({ op_name: op, input_type_shape: given, output_type_shape: made }) {
  const shapes = shapeTexts(given);
  const shown = shapes.length > 4 ? `${shapes.length} of ${shapes[0]}` : shapes.join(' ');
  return `${op} ${shown} -> ${shapeTexts(made).slice(0, 1).join()}`;
}

function table(title, nodes, key) {
  const groups = new Map();
  for (const { args, times } of nodes) {
    const group = groups.get(key(args)) ?? { count: 0, time: 0, median: 0 };
    group.count++;
    group.time += Math.min(...times);
    group.median += [...times].sort((a, b) => a - b)[times.length >> 1];
    groups.set(key(args), group);
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.time - a.time).slice(0, rows);
  console.log(`\n${title}`);
  for (const [name, { count, time, median }] of sorted) {
    const figures = [time, median].map((t) => (t / 1000).toFixed(2).padStart(8)).join('');
    console.log(`${figures} ms ${String(count).padStart(5)} x ${name.slice(0, 110)}`);
  }
}

const { nodes, whole } = await profileStep(compileStep(hidden, steps, options.compressed), { threads, runs });
const total = nodes.reduce((sum, { times }) => sum + Math.min(...times), 0);
console.log(`H=${hidden}, T=${steps}: ${nodes.length} nodes, ${(total / 1000).toFixed(1)} ms in nodes at best,`);
console.log(`${(operationsOf(nodes) / 1e9).toFixed(1)} GFLOP of products,`);
console.log(`${(whole / 1000).toFixed(1)} ms for the fastest whole step with the profiler on; least and median:`);
table('by kind', nodes, (args) => args.op_name);
table('by shapes', nodes, describe);
