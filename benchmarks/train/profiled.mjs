/** A training step on onnxruntime under its own profiler: what every node took, and what it computed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { sessionOptions } from '../../dist/engines/onnxruntime/onnxruntime.js';
import { encodeOnnx } from '../../dist/targets/onnx/encode-onnx.js';
import { nativeStep } from './steps.mjs';

/** `rnn1.W.next#0` -> `rnn1.W#0`. */
const carriedInput = (output) => output.replace(/\.next(#\d+)?$/, '$1');

async function runProfiled(step, folder, { threads, runs }) {
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
  return JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]), 'utf8'));
}

/** All events of a step that is run once and then `runs` times. */
async function eventsOf(step, options) {
  const folder = mkdtempSync(join(tmpdir(), 'rnnc-profile-'));
  try {
    return await runProfiled(step, folder, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Duration of every node in each run, in microseconds, in the order of the step; and the fastest whole run but one. */
export async function profileStep(step, options) {
  const events = await eventsOf(step, options);
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

/** Shapes of the operands or results of a node. */
export const shapesOf = (list) => list.map((shape) => Object.values(shape)[0]);

/** Operations of the products that a step has run, two for each multiply-add: some shapes are known only then. */
export function operationsOf(nodes) {
  const size = (shape) => shape.reduce((product, extent) => product * extent, 1);
  let operations = 0;
  for (const { args } of nodes) {
    if (args.op_name !== 'Gemm' && args.op_name !== 'MatMul') continue;
    const [left] = shapesOf(args.input_type_shape);
    const [made] = shapesOf(args.output_type_shape);
    // The left operand of a Gemm may be turned: its rows are those of the result.
    const inner = args.op_name === 'Gemm' ? size(left) / Math.max(1, made[0]) : left.at(-1);
    operations += 2 * size(made) * inner;
  }
  return operations;
}
