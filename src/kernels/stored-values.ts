/**
 * Values as the number format of their region has them: which scale each one has, its code, and what the code stands
 * for. The packer, the reference kernels and everything that must know stored values ask here. Knows no layout's order.
 */
import { invariant } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import {
  boundedCode,
  codeOf,
  type Grid,
  gridOf,
  gridOn,
  gridValues,
  type Runs,
  runCount,
  runsOf,
  scaleOf,
  usedScale,
} from '../tensor/grid.js';
import {
  type FloatFormat,
  floatFormats,
  formatText,
  type IntegerFormat,
  integerFormats,
  isFloat32,
  type NumberFormat,
  type Per,
} from '../tensor/number-format.js';
import { smallFloats } from '../tensor/small-floats.js';

/** The 16 bits of every value; what would become infinite is refused. */
export function smallFloatBits(tensor: string, values: Float32Array, { word }: FloatFormat): Uint16Array {
  invariant(word !== 'float32', 'float32 values are stored as they are');
  const { bits, value } = smallFloats[word];
  return Uint16Array.from(values, (x, i) => {
    const pattern = bits(x);
    if (Number.isFinite(value(pattern))) return pattern;
    throw new Fault(
      'format/overflow',
      `${tensor} holds ${x} at index ${i}, the largest ${word} is ${floatFormats[word].largest}`,
      word === 'float16' ? 'store it as bfloat16 or float32' : 'store it as float32',
    );
  });
}

/** A part of a tensor: values `offset` to `offset + count`, in rows of `row`. */
export interface Part {
  readonly tensor: string;
  readonly offset: number;
  readonly count: number;
  readonly row: number;
}

/** The scales of a part, where they are learned: `all` are those of its whole tensor. */
function learnedScales({ tensor, offset, count }: Part, runs: Runs, all: Float32Array | undefined): Float32Array {
  invariant(all !== undefined, `${tensor} has its scales beside it`);
  const first = all.length === 1 ? 0 : runCount(runs, offset);
  return all.slice(first, first + runCount(runs, count)).map(usedScale);
}

/** Codes and scales of a part: with per=tensor its one scale is that of the whole tensor. */
export function partGrid(
  whole: Float32Array,
  part: Part,
  format: IntegerFormat,
  learned?: Float32Array,
): Grid & { runs: Runs } {
  const { offset, count, row } = part;
  const values = whole.subarray(offset, offset + count);
  const { levels } = integerFormats[format.word];
  const runs = runsOf(format.per, row, count);
  if (format.scales === 'learned') return { ...gridOn(values, levels, runs, learnedScales(part, runs, learned)), runs };
  if (format.per.kind !== 'tensor') return { ...gridOf(values, levels, runs), runs };
  const scales = Float32Array.of(scaleOf(mostOf(whole), levels));
  return { codes: Int8Array.from(values, (value) => codeOf(value, scales[0]!)), scales, runs };
}

const mostOf = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** What a part stands for once it is stored. */
export function storedPart(
  whole: Float32Array,
  part: Part,
  format: NumberFormat,
  learned?: Float32Array,
): Float32Array {
  const { tensor, offset, count } = part;
  const values = whole.subarray(offset, offset + count);
  if (isFloat32(format)) return values;
  if (format.kind === 'float') return floatValues(tensor, values, format);
  const { runs, ...grid } = partGrid(whole, part, format, learned);
  return gridValues(grid, runs);
}

function floatValues(tensor: string, values: Float32Array, format: FloatFormat): Float32Array {
  invariant(format.word !== 'float32', formatText(format));
  const { value } = smallFloats[format.word];
  return Float32Array.from(smallFloatBits(tensor, values, format), value);
}

/** The stored values of a sparse matrix, in storage order, and the row of the matrix that each is in. */
export interface SparseValues {
  readonly tensor: string;
  readonly rows: number;
  readonly values: Float32Array;
  readonly rowOf: (index: number) => number;
}

/** How many scales there are, and the one of each stored value. */
function sparseRuns({ rows, values, rowOf }: Omit<SparseValues, 'tensor'>, per: Per) {
  switch (per.kind) {
    case 'tensor':
      return { runs: 1, runOf: () => 0 };
    case 'row':
      return { runs: rows, runOf: rowOf };
    case 'group':
      return { runs: Math.ceil(values.length / per.values), runOf: (index: number) => Math.floor(index / per.values) };
  }
}

/** Their codes and scales: one scale per row of the matrix, or per run of stored values, wherever rows end. */
export function sparseGrid(sparse: SparseValues, format: IntegerFormat, learned?: Float32Array): Grid {
  const { values, tensor } = sparse;
  const { levels } = integerFormats[format.word];
  const { runs, runOf } = sparseRuns(sparse, format.per);
  if (format.scales === 'learned') {
    invariant(learned?.length === runs, `${tensor} has its ${runs} scales beside it`);
    const scales = learned.map(usedScale);
    return { codes: Int8Array.from(values, (value, i) => boundedCode(value, scales[runOf(i)]!, levels)), scales };
  }
  const scales = new Float32Array(runs);
  values.forEach((value, i) => {
    scales[runOf(i)] = Math.max(scales[runOf(i)]!, Math.abs(value));
  });
  scales.forEach((most, run) => {
    scales[run] = scaleOf(most, levels);
  });
  return { codes: Int8Array.from(values, (value, i) => codeOf(value, scales[runOf(i)]!)), scales };
}

/** What the stored values of a sparse matrix stand for. */
export function storedSparse(sparse: SparseValues, format: NumberFormat, learned?: Float32Array): Float32Array {
  const { tensor, values } = sparse;
  if (isFloat32(format)) return values;
  if (format.kind === 'float') return floatValues(tensor, values, format);
  const { codes, scales } = sparseGrid(sparse, format, learned);
  const { runOf } = sparseRuns(sparse, format.per);
  return Float32Array.from(codes, (code, i) => Math.fround(code * scales[runOf(i)]!) + 0);
}
