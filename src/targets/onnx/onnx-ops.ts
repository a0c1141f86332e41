/**
 * How each graph op is written in portable ONNX (opset 17). One row per op kind. Forms are chosen for speed on
 * onnxruntime and for results that do not change from run to run: `ScatterND` with `add` is never written, because
 * with two threads it loses updates of repeated ids.
 */
import type { OpKind, OpOf, OpTable, Value } from '../../graph/ops.js';
import { leastScale } from '../../tensor/grid.js';
import { size } from '../../tensor/shape.js';
import { squaredBy } from './onnx-fusions.js';
import { matmul, writeGemm } from './onnx-products.js';
import { rowUpdateOf, squaredName, writeRowUpdate } from './onnx-rows.js';
import type { OnnxWriter } from './onnx-writer.js';

type Write<K extends OpKind> = (w: OnnxWriter, op: OpOf<K>, value: Value) => void;

/** A row for an op that ONNX has under another name, operands in the same order. */
const direct =
  <K extends OpKind>(name: string): Write<K> =>
  (w, op, value) => {
    const inputs = op.inputs.map((i) => w.name(i));
    w.node(name, inputs, w.claim(value));
  };

const add: Write<'add'> = (w, op, value) => {
  const [a, b] = op.inputs as [Value, Value];
  const fused = [b, a].find((v) => !w.isNamed(v));
  if (fused === undefined) return direct<'add'>('Add')(w, op, value);
  const addend = w.name(fused === b ? a : b);
  writeGemm(w, w.op(fused) as OpOf<'matmul'>, w.claim(value), addend);
};

const sub: Write<'sub'> = (w, op, value) => {
  const change = op.inputs[1]!;
  const update = w.isNamed(change) ? undefined : rowUpdateOf(w, op);
  if (update === undefined) direct<'sub'>('Sub')(w, op, value);
  else writeRowUpdate(w, update, value);
};

const constant: Write<'constant'> = (w, op, value) => {
  const { shape } = op;
  const fill = op.attrs.value;
  if (shape.length === 0) w.setName(value, w.scalar(fill));
  else {
    const attributes = { value: { element: fill } };
    const make = () => w.temporary('ConstantOfShape', [w.integers(shape)], attributes);
    w.setName(value, w.once(`fill ${fill} ${shape.join('x')}`, make));
  }
};

const slice: Write<'slice'> = (w, op, value) => {
  const [source] = op.inputs as [Value];
  const tiling = w.uses.tiles.get(value);
  if (tiling === undefined) {
    const { axis, start } = op.attrs;
    const operands = [[start], [start + op.shape[axis]!], [axis]].map((v) => w.integers(v));
    w.node('Slice', [w.name(source), ...operands], w.claim(value));
    return;
  }
  const outputs: string[] = [];
  const copies: [string, Value][] = [];
  for (const [part, index] of tiling.parts) {
    if (outputs[index] === undefined) outputs[index] = w.claim(part);
    else copies.push([outputs[index], part]);
  }
  const inputs = [w.name(source), w.integers(tiling.lengths)];
  w.nodes.push({ op: 'Split', inputs, outputs, attributes: { axis: tiling.axis } });
  for (const [from, part] of copies) w.node('Identity', [from], w.claim(part));
};

const pad: Write<'pad'> = (w, op, value) => {
  const { axis, before } = op.attrs;
  const [source] = op.inputs as [Value];
  const shape = w.shape(source);
  const front = shape.map((_, i) => (i === axis ? before : 0));
  const back = shape.map((d, i) => (i === axis ? op.shape[i]! - before - d : 0));
  w.node('Pad', [w.name(source), w.integers([...front, ...back])], w.claim(value));
};

/** In rows of whole runs: the last run of a row is filled up with zeros, which change no largest magnitude. */
const snap: Write<'snap'> = (w, op, value) => {
  const { levels, run } = op.attrs;
  const last = op.shape.at(-1)!;
  const rows = size(op.shape) / last;
  const each = Math.ceil(last / run);
  const gap = each * run - last;
  const flat = w.temporary('Reshape', [w.name(op.inputs[0]!), w.integers([rows, last])]);
  const whole = gap === 0 ? flat : w.temporary('Pad', [flat, w.integers([0, 0, 0, gap])]);
  const runs = w.temporary('Reshape', [whole, w.integers([rows, each, run])]);
  const most = w.temporary('ReduceMax', [w.temporary('Abs', [runs])], { axes: [2], keepdims: 1 });
  const scale = w.temporary('Max', [w.temporary('Div', [most, w.scalar(levels)]), w.scalar(leastScale)]);
  const codes = w.temporary('Round', [w.temporary('Div', [runs, scale])]);
  const snapped = w.temporary('Reshape', [w.temporary('Mul', [codes, scale]), w.integers([rows, each * run])]);
  const ends = [[0], [last], [1]].map((v) => w.integers(v));
  const kept = gap === 0 ? snapped : w.temporary('Slice', [snapped, ...ends]);
  w.node('Reshape', [kept, w.integers(op.shape)], w.claim(value));
};

/** x / s in rows of whole runs, the ends of the grid not yet seen; and s in a shape that meets it. */
function ratios(w: OnnxWriter, op: OpOf<'snapTo' | 'snapSlope'>): { readonly ratio: string; readonly scale: string } {
  const { run } = op.attrs;
  const [rows, last] = op.shape as readonly [number, number];
  const each = Math.ceil(last / run);
  const gap = each * run - last;
  const [x, scales] = op.inputs.map((v) => w.name(v)) as [string, string];
  const whole = gap === 0 ? x : w.temporary('Pad', [x, w.integers([0, 0, 0, gap])]);
  const scale = w.temporary('Reshape', [scales, w.integers([rows, each, 1])]);
  const ratio = w.temporary('Div', [w.temporary('Reshape', [whole, w.integers([rows, each, run])]), scale]);
  return { ratio, scale };
}

/** Rows of whole runs as rows of the op. */
function writeRuns(w: OnnxWriter, op: OpOf<'snapTo' | 'snapSlope'>, runs: string, value: Value): void {
  const [rows, last] = op.shape as readonly [number, number];
  const filled = Math.ceil(last / op.attrs.run) * op.attrs.run;
  if (filled === last) {
    w.node('Reshape', [runs, w.integers(op.shape)], w.claim(value));
    return;
  }
  const ends = [[0], [last], [1]].map((v) => w.integers(v));
  w.node('Slice', [w.temporary('Reshape', [runs, w.integers([rows, filled])]), ...ends], w.claim(value));
}

const snapTo: Write<'snapTo'> = (w, op, value) => {
  const { ratio, scale } = ratios(w, op);
  const ends = [w.scalar(-op.attrs.levels), w.scalar(op.attrs.levels)];
  const codes = w.temporary('Round', [w.temporary('Clip', [ratio, ...ends])]);
  writeRuns(w, op, w.temporary('Mul', [codes, scale]), value);
};

/** q - x / s with both cut off at the ends, and the end itself where x / s lies behind it. */
const snapSlope: Write<'snapSlope'> = (w, op, value) => {
  const { ratio } = ratios(w, op);
  const [low, high] = [w.scalar(-op.attrs.levels), w.scalar(op.attrs.levels)];
  const cut = w.temporary('Clip', [ratio, low, high]);
  const over = w.temporary('Relu', [w.temporary('Sub', [w.temporary('Abs', [ratio]), high])]);
  const end = w.temporary('Mul', [cut, w.temporary('Sign', [over])]);
  const moved = w.temporary('Sub', [w.temporary('Round', [cut]), cut]);
  writeRuns(w, op, w.temporary('Add', [moved, end]), value);
};

/** The rows of a matrix added up, as a product with ones: several times faster than a `ReduceSum` over them. */
function writeRowSum(w: OnnxWriter, op: OpOf<'sum'>, value: Value): void {
  const [source] = op.inputs as [Value];
  const [rows, columns] = w.shape(source) as [number, number];
  const make = (): string => w.temporary('ConstantOfShape', [w.integers([1, rows])], { value: { element: 1 } });
  const total = w.temporary('Gemm', [w.once(`ones ${rows}`, make), w.name(source)]);
  w.node('Reshape', [total, w.integers(op.attrs.keep ? [1, columns] : [columns])], w.claim(value));
}

const sum: Write<'sum'> = (w, op, value) => {
  const { axes } = op.attrs;
  const squared = squaredBy(w, op);
  const ofRows = w.shape(op.inputs[0]!).length === 2 && axes.length === 1 && axes[0] === 0;
  if (squared === undefined && ofRows) return writeRowSum(w, op, value);
  if (squared === undefined) {
    const operands = [w.name(op.inputs[0]!), w.integers(op.attrs.axes)];
    w.node('ReduceSum', operands, w.claim(value), { keepdims: op.attrs.keep ? 1 : 0 });
    return;
  }
  const totals = squared.map((v) => w.temporary('ReduceSumSquare', [squaredName(w, v)], { keepdims: 0 }));
  const total = totals.length === 1 ? totals[0]! : w.temporary('Sum', totals);
  w.node('Reshape', [total, w.integers(op.shape)], w.claim(value));
};

/** (n) as (n, 1). */
const column = (w: OnnxWriter, value: Value): string =>
  w.once(`column ${value}`, () => w.temporary('Reshape', [w.name(value), w.integers([size(w.shape(value)), 1])]));

const scatter: Write<'scatter'> = (w, op, value) => {
  const [ids, updates] = op.inputs as [Value, Value];
  const zeros = w.temporary('ConstantOfShape', [w.integers(op.shape)], { value: { element: 0 } });
  const wide = w.integers(w.shape(updates));
  const rows = w.temporary('Expand', [column(w, ids), wide]);
  w.node('ScatterElements', [zeros, rows, w.name(updates)], w.claim(value), { axis: 0, reduction: 'add' });
};

/** log softmax of logits, shared by their loss and its gradient. */
const logSoftmax = (w: OnnxWriter, logits: Value): string =>
  w.once(`logSoftmax ${logits}`, () => w.temporary('LogSoftmax', [w.name(logits)], { axis: 1 }));

const crossEntropy: Write<'crossEntropy'> = (w, op, value) => {
  const [logits, ids] = op.inputs as [Value, Value];
  const picked = w.temporary('GatherElements', [logSoftmax(w, logits), column(w, ids)], { axis: 1 });
  const flat = w.temporary('Reshape', [picked, w.integers(op.shape)]);
  w.node('Neg', [flat], w.claim(value));
};

const crossEntropyGradient: Write<'crossEntropyGradient'> = (w, op, value) => {
  const [logits, ids, dy] = op.inputs as [Value, Value, Value];
  const shares = w.temporary('Exp', [logSoftmax(w, logits)]);
  const scale = w.op(dy);
  // The gradient of a plain sum needs no pass over all classes for its factor.
  const plain = scale.kind === 'constant' && scale.attrs.value === 1;
  const scaled = plain ? shares : w.temporary('Mul', [shares, column(w, dy)]);
  const taken = w.temporary('Neg', [column(w, dy)]);
  const operands = [scaled, column(w, ids), taken];
  w.node('ScatterElements', operands, w.claim(value), { axis: 1, reduction: 'add' });
};

/** How to write each op kind; a missing row does not compile. */
export const onnxOps: OpTable<{ readonly [K in OpKind]: Write<K> }> = {
  input: (w, op, value) => w.setName(value, op.attrs.name),
  constant,
  matmul,
  add,
  sub,
  mul: direct('Mul'),
  div: direct('Div'),
  max: direct('Max'),
  neg: direct('Neg'),
  exp: direct('Exp'),
  log: direct('Log'),
  sqrt: direct('Sqrt'),
  abs: direct('Abs'),
  tanh: direct('Tanh'),
  sigmoid: direct('Sigmoid'),
  relu: direct('Relu'),
  step: (w, op, value) => {
    const positive = w.temporary('Relu', [w.name(op.inputs[0]!)]);
    w.node('Sign', [positive], w.claim(value));
  },
  sign: direct('Sign'),
  reshape: (w, op, value) => {
    w.node('Reshape', [w.name(op.inputs[0]!), w.integers(op.shape)], w.claim(value));
  },
  transpose: (w, op, value) => {
    w.node('Transpose', [w.name(op.inputs[0]!)], w.claim(value), { perm: op.attrs.permutation });
  },
  broadcast: (w, op, value) => {
    w.node('Expand', [w.name(op.inputs[0]!), w.integers(op.shape)], w.claim(value));
  },
  concat: (w, op, value) => {
    const inputs = op.inputs.map((i) => w.name(i));
    w.node('Concat', inputs, w.claim(value), { axis: op.attrs.axis });
  },
  slice,
  pad,
  snap,
  snapTo,
  snapSlope,
  sum,
  gather: (w, op, value) => {
    const inputs = op.inputs.map((i) => w.name(i));
    w.node('Gather', inputs, w.claim(value), { axis: 0 });
  },
  scatter,
  softmax: (w, op, value) => {
    w.node('Softmax', [w.name(op.inputs[0]!)], w.claim(value), { axis: op.shape.length - 1 });
  },
  crossEntropy,
  crossEntropyGradient,
};
