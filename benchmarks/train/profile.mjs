/**
 * Where the time of one training step goes on onnxruntime, node by node, by its own profiler: the least time of every
 * node over several runs, added up by kind of node and operand shapes. Usage, after `npm run build`:
 * node benchmarks/train/profile.mjs [--hidden 200] [--compressed] [--runs 12] [--rows 40]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ort from 'onnxruntime-node';
import { sessionOptions } from '../../dist/engines/onnxruntime/onnxruntime.js';
import { encodeOnnx } from '../../dist/targets/onnx/encode-onnx.js';
import { compileStep, nativeStep, sizes } from './steps.mjs';

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

/** `rnn1.W.next#0` -> `rnn1.W#0`. */
const carriedInput = (output) => output.replace(/\.next(#\d+)?$/, '$1');

/** Least duration of every node over all runs but the first, in microseconds, in the order of the step. */
async function profile(step, folder) {
  const native = nativeStep(step);
  const session = await ort.InferenceSession.create(encodeOnnx(native.onnx), {
    ...sessionOptions('cpu', threads),
    enableProfiling: true,
    profileFilePrefix: join(folder, 'step'),
  });
  const toOrt = ({ data, shape }) => new ort.Tensor(data instanceof Int32Array ? 'int32' : 'float32', data, shape);
  const inputs = Object.fromEntries(session.inputNames.map((name) => [name, toOrt(native.inputs.get(name))]));
  await session.run(inputs);
  // New weights are written over the old ones, as in training.
  const fetches = Object.fromEntries(session.outputNames.map((name) => [name, inputs[carriedInput(name)] ?? null]));
  for (let run = 0; run < runs; run++) await session.run(inputs, fetches);
  session.endProfiling();
  const events = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]), 'utf8'));
  const nodes = new Map();
  for (const { name, dur, args, cat } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const known = nodes.get(args.node_index);
    if (known === undefined) nodes.set(args.node_index, { args, times: [dur] });
    else known.times.push(dur);
  }
  const whole = events.filter(({ name }) => name === 'model_run').map(({ dur }) => dur);
  return { nodes: [...nodes.values()], whole: Math.min(...whole.slice(1)) };
}

const shapesOf = (list) => list.map((shape) => Object.values(shape)[0].join('x'));
function describe({ op_name: op, input_type_shape: given, output_type_shape: made }) {
  const shapes = shapesOf(given);
  const shown = shapes.length > 4 ? `${shapes.length} of ${shapes[0]}` : shapes.join(' ');
  return `${op} ${shown} -> ${shapesOf(made).slice(0, 1).join()}`;
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

const folder = mkdtempSync(join(tmpdir(), 'rnnc-profile-'));
try {
  const { nodes, whole } = await profile(compileStep(hidden, steps, options.compressed), folder);
  const total = nodes.reduce((sum, { times }) => sum + Math.min(...times), 0);
  console.log(`H=${hidden}, T=${steps}: ${nodes.length} nodes, ${(total / 1000).toFixed(1)} ms in nodes at best,`);
  console.log(`${(whole / 1000).toFixed(1)} ms for the fastest whole step with the profiler on; least and median:`);
  table('by kind', nodes, (args) => args.op_name);
  table('by shapes', nodes, describe);
} finally {
  rmSync(folder, { recursive: true });
}
