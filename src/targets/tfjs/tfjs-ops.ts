/**
 * How each graph op is written in TensorFlow ops that the wasm and cpu backends of tfjs compute exactly. One row per
 * op kind. Transposed products are written as `Transpose` and a plain product: wasm has a fast kernel only for that.
 */
import type { OpKind, OpOf, OpTable, Value } from '../../graph/ops.js';
import { leastScale } from '../../tensor/grid.js';
import { size } from '../../tensor/shape.js';
import { matmul, repeated, turn } from './tfjs-matmul.js';
import type { TfjsAttribute, TfjsOp } from './tfjs-model.js';
import type { TfjsWriter } from './tfjs-writer.js';

type Write<K extends OpKind> = (w: TfjsWriter, op: OpOf<K>, value: Value) => void;

/** A row for an op that TensorFlow has under another name, operands in the same order. */
const direct =
  <K extends OpKind>(name: TfjsOp): Write<K> =>
  (w, op, value) => {
    const inputs = op.inputs.map((i) => w.name(i));
    w.node(name, inputs, w.claim(value));
  };

const float32 = { type: 'float32' } as const satisfies TfjsAttribute;

const constant: Write<'constant'> = (w, op, value) => {
  const fill = op.attrs.value;
  const make = () => w.temporary('Fill', [w.integers(op.shape), w.scalar(fill)], { T: float32 });
  const name = op.shape.length === 0 ? w.scalar(fill) : w.once(`fill ${fill} ${op.shape.join('x')}`, make);
  w.setName(value, name);
};

const slice: Write<'slice'> = (w, op, value) => {
  const [source] = op.inputs as [Value];
  const tiling = w.uses.tiles.get(value);
  if (tiling === undefined) {
    const begin = op.shape.map((_, i) => (i === op.attrs.axis ? op.attrs.start : 0));
    w.node('Slice', [w.name(source), w.integers(begin), w.integers(op.shape)], w.claim(value));
    return;
  }
  const names = splitNames(w, w.name(source), tiling.lengths, tiling.axis);
  for (const [part, index] of tiling.parts) w.setName(part, names[index]!);
};

/** More parts than this are split in two stages. */
const mostParts = 8;

/** Names of the parts. On wasm each part costs a copy of the whole, so many parts are cut from a few larger ones. */
function splitNames(w: TfjsWriter, source: string, lengths: readonly number[], axis: number): readonly string[] {
  if (lengths.length > mostParts) {
    const perGroup = Math.ceil(Math.sqrt(lengths.length));
    const groups = Array.from({ length: Math.ceil(lengths.length / perGroup) }, (_, i) =>
      lengths.slice(i * perGroup, (i + 1) * perGroup),
    );
    const totals = groups.map((group) => group.reduce((a, b) => a + b, 0));
    return splitNames(w, source, totals, axis).flatMap((name, i) => splitNames(w, name, groups[i]!, axis));
  }
  if (lengths.length === 1) return [source];
  const operands = [source, w.integers(lengths), w.integer(axis)];
  const name = w.temporary('SplitV', operands, { num_split: lengths.length });
  return lengths.map((_, index) => (index === 0 ? name : `${name}:${index}`));
}

const pad: Write<'pad'> = (w, op, value) => {
  const { axis, before } = op.attrs;
  const shape = w.shape(op.inputs[0]!);
  const around = shape.flatMap((d, i) => (i === axis ? [before, op.shape[i]! - before - d] : [0, 0]));
  const paddings = w.once(`paddings ${around.join(',')}`, () =>
    w.constant(`paddings/${around.join('_')}`, [shape.length, 2], Int32Array.from(around)),
  );
  w.node('Pad', [w.name(op.inputs[0]!), paddings], w.claim(value));
};

/** In rows of whole runs: the last run of a row is filled up with zeros, which change no largest magnitude. */
const snap: Write<'snap'> = (w, op, value) => {
  const { levels, run } = op.attrs;
  const last = op.shape.at(-1)!;
  const rows = size(op.shape) / last;
  const each = Math.ceil(last / run);
  const gap = each * run - last;
  const flat = w.temporary('Reshape', [w.name(op.inputs[0]!), w.integers([rows, last])]);
  const whole = gap === 0 ? flat : w.temporary('Pad', [flat, behind(w, gap)]);
  const runs = w.temporary('Reshape', [whole, w.integers([rows * each, run])]);
  const most = w.temporary('Max', [w.temporary('Abs', [runs]), w.integers([1])], { keep_dims: true });
  const scale = w.temporary('Maximum', [w.temporary('RealDiv', [most, w.scalar(levels)]), w.scalar(leastScale)]);
  const codes = w.temporary('Round', [w.temporary('RealDiv', [runs, scale])]);
  const snapped = w.temporary('Reshape', [w.temporary('Mul', [codes, scale]), w.integers([rows, each * run])]);
  const kept = gap === 0 ? snapped : w.temporary('Slice', [snapped, w.integers([0, 0]), w.integers([rows, last])]);
  w.node('Reshape', [kept, w.integers(op.shape)], w.claim(value));
};

/** x / s, a row for each run, and s as a column; and the same cut off at the ends of the grid. */
function ratios(w: TfjsWriter, op: OpOf<'snapTo' | 'snapSlope'>) {
  const { run, levels } = op.attrs;
  const [rows, last] = op.shape as readonly [number, number];
  const each = Math.ceil(last / run);
  const gap = each * run - last;
  const [x, scales] = op.inputs.map((v) => w.name(v)) as [string, string];
  const whole = gap === 0 ? x : w.temporary('Pad', [x, behind(w, gap)]);
  const scale = w.temporary('Reshape', [scales, w.integers([rows * each, 1])]);
  const ratio = w.temporary('RealDiv', [w.temporary('Reshape', [whole, w.integers([rows * each, run])]), scale]);
  const cut = w.temporary('Maximum', [w.temporary('Minimum', [ratio, w.scalar(levels)]), w.scalar(-levels)]);
  return { ratio, scale, cut };
}

/** A row for each run as rows of the op. */
function writeRuns(w: TfjsWriter, op: OpOf<'snapTo' | 'snapSlope'>, runs: string, value: Value): void {
  const [rows, last] = op.shape as readonly [number, number];
  const filled = Math.ceil(last / op.attrs.run) * op.attrs.run;
  if (filled === last) {
    w.node('Reshape', [runs, w.integers(op.shape)], w.claim(value));
    return;
  }
  const flat = w.temporary('Reshape', [runs, w.integers([rows, filled])]);
  w.node('Slice', [flat, w.integers([0, 0]), w.integers([rows, last])], w.claim(value));
}

const snapTo: Write<'snapTo'> = (w, op, value) => {
  const { cut, scale } = ratios(w, op);
  writeRuns(w, op, w.temporary('Mul', [w.temporary('Round', [cut]), scale]), value);
};

/** q - x / s with both cut off at the ends, and the end itself where x / s lies behind it. */
const snapSlope: Write<'snapSlope'> = (w, op, value) => {
  const { ratio, cut } = ratios(w, op);
  const over = w.temporary('Relu', [w.temporary('Sub', [w.temporary('Abs', [ratio]), w.scalar(op.attrs.levels)])]);
  const end = w.temporary('Mul', [cut, w.temporary('Sign', [over])]);
  const moved = w.temporary('Sub', [w.temporary('Round', [cut]), cut]);
  writeRuns(w, op, w.temporary('AddV2', [moved, end]), value);
};

/** Paddings of `count` zeros behind each row of a matrix. */
const behind = (w: TfjsWriter, count: number): string =>
  w.once(`paddings 0,0,0,${count}`, () => w.constant(`paddings/0_0_0_${count}`, [2, 2], Int32Array.of(0, 0, 0, count)));

/** Longest run of values that is added up one after the other in single precision. */
const longestRun = 4096;

const sum: Write<'sum'> = (w, op, value) => {
  const [source] = op.inputs as [Value];
  const shape = w.shape(source);
  const { axes, keep } = op.attrs;
  if (w.kernels === undefined && shape.length === 2 && axes.length === 1 && axes[0] === 0) {
    // wasm turns what it adds up over rows; a product with the same operand has it turned already.
    const turned = turn(w, { name: w.name(source), shape });
    const total = w.temporary('Sum', [turned.name, w.integers([1])], { keep_dims: false });
    w.node('Reshape', [total, w.integers(op.shape)], w.claim(value));
    return;
  }
  if (axes.length < shape.length || size(shape) <= longestRun) {
    w.node('Sum', [w.name(source), w.integers(axes)], w.claim(value), { keep_dims: keep });
    return;
  }
  // wasm adds up in order: in two stages, or small values vanish beside a large running sum.
  const columns = shape.length > 1 ? shape.at(-1)! : (divisorNear(size(shape)) ?? 1);
  const rows = size(shape) / columns;
  const grid = w.temporary('Reshape', [w.name(source), w.integers([rows, columns])]);
  const perRow = w.temporary('Sum', [grid, w.integers([1])], { keep_dims: false });
  const total = w.temporary('Sum', [perRow, w.integers([0])], { keep_dims: false });
  w.node('Reshape', [total, w.integers(op.shape)], w.claim(value));
};

/** A divisor of n near its square root. */
function divisorNear(n: number): number | undefined {
  for (let d = Math.floor(Math.sqrt(n)); d > 1; d--) if (n % d === 0) return d;
  return undefined;
}

/** (n) as (n, 1). */
const column = (w: TfjsWriter, value: Value): string =>
  w.once(`column ${value}`, () => w.temporary('Reshape', [w.name(value), w.integers([size(w.shape(value)), 1])]));

const scatter: Write<'scatter'> = (w, op, value) => {
  const [ids, updates] = op.inputs as [Value, Value];
  w.node('ScatterNd', [column(w, ids), w.name(updates), w.integers(op.shape)], w.claim(value));
};

/** softmax of logits, shared by their loss and its gradient. */
const probabilities = (w: TfjsWriter, logits: Value): string =>
  w.once(`softmax ${logits}`, () => w.temporary('Softmax', [w.name(logits)]));

/** (n, 2): row and class of each label. */
function places(w: TfjsWriter, ids: Value): string {
  const [n] = w.shape(ids) as [number];
  const rows = w.once(`rows ${n}`, () =>
    w.constant(
      `rows/${n}`,
      [n],
      Int32Array.from({ length: n }, (_, i) => i),
    ),
  );
  return w.once(`places ${ids}`, () => w.temporary('Pack', [rows, w.name(ids)], { axis: 1 }));
}

/**
 * log of the sum of the exponentials of x is max x - log max softmax(x): exact, since the largest probability is no
 * less than one over the number of classes, and several times faster on wasm than exponentials one by one.
 */
const crossEntropy: Write<'crossEntropy'> = (w, op, value) => {
  const [logits, ids] = op.inputs as [Value, Value];
  const largestOf = (x: string): string => w.temporary('Max', [x, w.integers([1])], { keep_dims: false });
  const largest = largestOf(w.name(logits));
  const share = w.temporary('Log', [largestOf(probabilities(w, logits))]);
  const chosen = w.temporary('GatherNd', [w.name(logits), places(w, ids)]);
  w.node('Sub', [w.temporary('Sub', [largest, chosen]), share], w.claim(value));
};

const crossEntropyGradient: Write<'crossEntropyGradient'> = (w, op, value) => {
  const [logits, ids, dy] = op.inputs as [Value, Value, Value];
  const scale = w.op(dy);
  // The gradient of a plain sum needs no pass over all classes for its factor.
  const plain = scale.kind === 'constant' && scale.attrs.value === 1;
  const shares = probabilities(w, logits);
  const scaled = plain ? shares : w.temporary('Mul', [shares, column(w, dy)]);
  const labels = w.temporary('ScatterNd', [places(w, ids), w.name(dy), w.integers(op.shape)]);
  w.node('Sub', [scaled, labels], w.claim(value));
};

const softmax: Write<'softmax'> = (w, op, value) => {
  const classes = op.shape.at(-1)!;
  const flat = [size(op.shape) / classes, classes];
  if (op.shape.length === 2) return direct<'softmax'>('Softmax')(w, op, value);
  const rows = w.temporary('Reshape', [w.name(op.inputs[0]!), w.integers(flat)]);
  w.node('Reshape', [w.temporary('Softmax', [rows]), w.integers(op.shape)], w.claim(value));
};

/** How to write each op kind; a missing row does not compile. */
export const tfjsOps: OpTable<{ readonly [K in OpKind]: Write<K> }> = {
  input: (w, op, value) => {
    const { name, type } = op.attrs;
    w.setName(value, w.node('Placeholder', [], name, { dtype: { type }, shape: { shape: op.shape } }));
  },
  constant,
  matmul,
  add: direct('AddV2'),
  sub: direct('Sub'),
  mul: direct('Mul'),
  div: direct('RealDiv'),
  max: direct('Maximum'),
  neg: direct('Neg'),
  exp: direct('Exp'),
  log: direct('Log'),
  sqrt: direct('Sqrt'),
  abs: direct('Abs'),
  tanh: direct('Tanh'),
  sigmoid: direct('Sigmoid'),
  relu: direct('Relu'),
  step: (w, op, value) => {
    const positive = w.temporary('Greater', [w.name(op.inputs[0]!), w.scalar(0)]);
    w.node('Cast', [positive], w.claim(value), { DstT: float32 });
  },
  sign: direct('Sign'),
  reshape: (w, op, value) => {
    w.node('Reshape', [w.name(op.inputs[0]!), w.integers(op.shape)], w.claim(value));
  },
  transpose: (w, op, value) => {
    w.node('Transpose', [w.name(op.inputs[0]!), w.integers(op.attrs.permutation)], w.claim(value));
  },
  broadcast: (w, op, value) => {
    const [source] = op.inputs as [Value];
    w.rename(repeated(w, { name: w.name(source), shape: w.shape(source) }, op.shape).name, w.claim(value));
  },
  concat: (w, op, value) => {
    const parts = op.inputs.map((i) => w.name(i));
    w.node('ConcatV2', [...parts, w.integer(op.attrs.axis)], w.claim(value), { N: parts.length });
  },
  slice,
  pad,
  snap,
  snapTo,
  snapSlope,
  sum,
  gather: (w, op, value) => {
    const inputs = op.inputs.map((i) => w.name(i));
    w.node('GatherV2', [...inputs, w.integer(0)], w.claim(value));
  },
  scatter,
  softmax,
  crossEntropy,
  crossEntropyGradient,
};
