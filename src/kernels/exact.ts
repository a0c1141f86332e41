/**
 * What every kernel call gives bit by bit in a program whose products are of integers: float32, one rounding for each
 * operation, in the order of the portable C. Slow and obvious, like `reference.ts`, which says what is meant; this says
 * what comes out on every processor. Knows no call of float32 products: their order is each processor's own.
 */
import { defined, invariant } from '../support/assert.js';
import type { CallKind, CallOf, KernelCall } from './calls.js';
import type { ActivationMode } from './error-bounds.js';
import { type Codes, exactAlong, exactSparse } from './exact-products.js';
import type { RegionValues } from './memory.js';
import type { Buffer } from './planner.js';
import { quantized, vectorAt } from './quantize.js';
import { rationals } from './rationals.js';
import { entriesOf } from './sparse-entries.js';

const { fround } = Math;

/** Everything an exact kernel may read or write. */
export interface ExactExecution {
  /** The float32 values of a buffer, to read and write. */
  readonly values: (buffer: Buffer) => Float32Array;
  /** The codes that `quantize` left in a buffer. */
  readonly codes: Map<number, readonly Codes[]>;
  readonly weights: RegionValues;
  readonly id: (input: string) => number;
  readonly activation: Exclude<ActivationMode, 'exact'>;
}

const product = (a: number, b: number): number => fround(a * b);
const sum = (a: number, b: number): number => fround(a + b);

/** c0 + z (c1 + z (...)). */
const polynomial = (coefficients: readonly number[], z: number): number =>
  coefficients.reduceRight((inner, c, i) => (i === coefficients.length - 1 ? c : sum(c, product(z, inner))), 0);

/** tanh as the portable C computes it. */
export function exactTanh(mode: ExactExecution['activation'], x: number): number {
  const { clamp, p, q } = rationals[mode];
  const most = fround(clamp);
  const u = x > most ? most : x < -most ? -most : x;
  const z = product(u, u);
  const [above, below] = [p, q].map((coefficients) => polynomial(coefficients.map(fround), z));
  return fround(product(u, above!) / below!);
}

const exactSigmoid = (mode: ExactExecution['activation'], x: number): number =>
  sum(0.5, product(0.5, exactTanh(mode, product(0.5, x))));

type Exact<K extends CallKind> = (call: CallOf<K>, execution: ExactExecution) => void;

/** The codes that `quantize` left in a buffer, vector by vector. */
function codesIn(codes: Buffer | undefined, { codes: known }: ExactExecution): readonly Codes[] {
  const found = codes && known.get(codes.id);
  invariant(found !== undefined, 'the product is one of integers');
  return found;
}

function lstmCell({ z, c, cNext, h }: CallOf<'lstmCell'>, { values, activation }: ExactExecution): void {
  const [gates, from, to, out] = [z, c, cNext, h].map(values) as [Float32Array, ...Float32Array[]];
  const n = c.size;
  for (let j = 0; j < n; j++) {
    const [i, f, o] = [0, 1, 3].map((gate) => exactSigmoid(activation, gates[gate * n + j]!));
    const g = exactTanh(activation, gates[2 * n + j]!);
    to![j] = sum(product(f!, from![j]!), product(i!, g));
    out![j] = product(o!, exactTanh(activation, to![j]!));
  }
}

/** What rounds nothing is what the reference does; undefined: float32 alone does not say what comes out. */
const kernels: { readonly [K in CallKind]: Exact<K> | undefined } = {
  gemv({ w, codes, rows, columns, y, mode }, execution) {
    const shape = { rows, columns, before: 1, after: 1, mode };
    exactAlong(execution.weights.grid(w), shape, codesIn(codes, execution), execution.values(y));
  },
  quantize({ x, codes, scale, ...vectors }, { values, weights, codes: known }) {
    const given = scale === undefined ? undefined : weights.matrix(scale)[0];
    const count = vectors.before * vectors.after;
    known.set(
      codes.id,
      Array.from({ length: count }, (_, i) => quantized(vectorAt(values(x), vectors, i), given)),
    );
  },
  kron: undefined,
  gemm(call, execution) {
    exactAlong(execution.weights.grid(call.w), call, codesIn(call.codes, execution), execution.values(call.y));
  },
  circulant: undefined,
  spectral: undefined,
  sparse(call, execution) {
    const [x] = codesIn(call.codes, execution);
    exactSparse(call, execution.weights, defined(x, 'codes of a vector'), execution.values(call.y));
  },
  sliced: undefined,
  mix: undefined,
  bias({ w, y }, { values, weights }) {
    values(y).set(weights.matrix(w));
  },
  clear({ y }, { values }) {
    values(y).fill(0);
  },
  copy({ x, y }, { values }) {
    values(y).set(values(x));
  },
  embed({ table, rows, width, input, first, y }, { values, weights, id }) {
    const row = id(input) - first;
    if (row < 0 || row >= rows) values(y).fill(0);
    else values(y).set(weights.matrix(table).subarray(row * width, (row + 1) * width));
  },
  embedSparse({ values: region, block, input, y }, { values, weights, id }) {
    const to = values(y).fill(0);
    for (const { value, column } of entriesOf(weights.sparse(region), block, id(input))) to[column] = value;
  },
  lstmCell,
  add({ x, y }, { values }) {
    const from = values(x);
    values(y).forEach((value, i, to) => {
      to[i] = sum(value, from[i]!);
    });
  },
  gate({ z, x, y, mode }, { values, activation }) {
    const [gates, from] = [values(z), values(x)];
    values(y).forEach((value, i, to) => {
      const passed = product(exactSigmoid(activation, gates[i]!), from[i]!);
      to[i] = mode === 'add' ? sum(value, passed) : passed;
    });
  },
  gruCell({ update, candidate, h, hNext }, { values, activation }) {
    const [updates, candidates, from] = [values(update), values(candidate), values(h)];
    values(hNext).forEach((_, i, to) => {
      const n = exactTanh(activation, candidates[i]!);
      to[i] = sum(n, product(exactSigmoid(activation, updates[i]!), sum(from[i]!, -n)));
    });
  },
  runningMax({ x, seen, now, seenNext, next }, { values }) {
    const [from, largest, first] = [values(x), values(now), values(seen)[0] === 0];
    values(next).forEach((_, i, to) => {
      to[i] = first || from[i]! > largest[i]! ? from[i]! : largest[i]!;
    });
    values(seenNext)[0] = 1;
  },
  activate({ function: name, x }, { values, activation }) {
    const one = { tanh: exactTanh, sigmoid: exactSigmoid, relu: (_: unknown, value: number) => Math.max(value, 0) }[
      name
    ];
    values(x).forEach((value, i, to) => {
      to[i] = one(activation, value);
    });
  },
};

/** Calls that are of integers where they have codes. */
const isProduct = (call: KernelCall): call is CallOf<'gemv' | 'gemm' | 'sparse'> =>
  call.kind === 'gemv' || call.kind === 'gemm' || call.kind === 'sparse';

/** Whether float32 in one order says all that a program computes: its results are then the same on every processor. */
export const isExact = (calls: readonly KernelCall[], activation: ActivationMode): boolean =>
  activation !== 'exact' &&
  calls.some(({ kind }) => kind === 'quantize') &&
  calls.every((call) => kernels[call.kind] !== undefined && (!isProduct(call) || call.codes !== undefined));

/** Runs one call of a program that `isExact`. */
export function executeExact(call: KernelCall, execution: ExactExecution): void {
  const kernel = kernels[call.kind] as ((call: KernelCall, execution: ExactExecution) => void) | undefined;
  invariant(kernel !== undefined, `${call.kind} has no one order`);
  kernel(call, execution);
}
