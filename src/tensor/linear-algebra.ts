/**
 * Dense linear algebra in doubles, for fitting factors to given weights and for the oracle. Matrices are flat and
 * row-major. Slow and plain: never on the way of a training step.
 */
import { fillUniform, streamKey } from './random.js';

/** a (m, k) times b (k, n). */
export function multiply(a: Float64Array, b: Float64Array, [m, k, n]: readonly [number, number, number]): Float64Array {
  const product = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    const row = product.subarray(i * n, (i + 1) * n);
    for (let p = 0; p < k; p++) {
      const factor = a[i * k + p]!;
      if (factor !== 0) addScaled(row, factor, b.subarray(p * n, (p + 1) * n));
    }
  }
  return product;
}

/** a (m, n) -> (n, m). */
export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const result = new Float64Array(a.length);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) result[j * m + i] = a[i * n + j]!;
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(y: Float64Array, factor: number, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] = y[i]! + factor * x[i]!;
}

function scale(x: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] = x[i]! * factor;
}

/** a = sum over i of values[i] left[i] right[i]^T, values falling; vectors of a zero value are zero. */
export interface SingularVectors {
  readonly values: readonly number[];
  /** Of length m each. */
  readonly left: readonly Float64Array[];
  /** Of length n each. */
  readonly right: readonly Float64Array[];
}

const rowsOf = (a: Float64Array, m: number, n: number): Float64Array[] =>
  Array.from({ length: m }, (_, i) => a.slice(i * n, (i + 1) * n));

/** (c x - s y, s x + c y) in place. */
function rotate(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let i = 0; i < x.length; i++) {
    const xi = x[i]!;
    const yi = y[i]!;
    x[i] = c * xi - s * yi;
    y[i] = s * xi + c * yi;
  }
}

const mostSweeps = 60;

/** Turns `vectors` orthogonal to each other by plane rotations, which `turns` (the identity at first) record. */
function orthogonalize(vectors: readonly Float64Array[], turns: readonly Float64Array[]): void {
  const total = vectors.reduce((sum, v) => sum + dot(v, v), 0);
  // Below this a vector is rounding noise of the others, whose directions mean nothing.
  const negligible = total * 1e-30;
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let turned = false;
    for (let i = 0; i < vectors.length; i++) {
      for (let j = i + 1; j < vectors.length; j++) {
        const x = vectors[i]!;
        const y = vectors[j]!;
        const [xx, yy, xy] = [dot(x, x), dot(y, y), dot(x, y)];
        if (xx <= negligible || yy <= negligible || Math.abs(xy) <= 1e-15 * Math.sqrt(xx * yy)) continue;
        turned = true;
        const zeta = (yy - xx) / (2 * xy);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const c = 1 / Math.hypot(1, t);
        rotate(x, y, c, c * t);
        rotate(turns[i]!, turns[j]!, c, c * t);
      }
    }
    if (!turned) return;
  }
}

/** The singular value decomposition of a (m, n) by one-sided Jacobi rotations: min(m, n) values. */
export function singularValues(a: Float64Array, m: number, n: number): SingularVectors {
  if (m > n) {
    const { values, left, right } = singularValues(transposed(a, m, n), n, m);
    return { values, left: right, right: left };
  }
  const vectors = rowsOf(a, m, n);
  const turns = Array.from({ length: m }, (_, i) => new Float64Array(m).fill(1, i, i + 1));
  orthogonalize(vectors, turns);
  const norms = vectors.map((v) => Math.sqrt(dot(v, v)));
  const order = norms.map((_, i) => i).sort((i, j) => norms[j]! - norms[i]! || i - j);
  const floor = norms[order[0]!]! * 1e-15;
  const values = order.map((i) => (norms[i]! > floor ? norms[i]! : 0));
  const right = order.map((i, place) => {
    const v = vectors[i]!;
    scale(v, values[place]! > 0 ? 1 / values[place]! : 0);
    return v;
  });
  const left = order.map((i, place) => {
    const u = turns[i]!;
    if (values[place] === 0) u.fill(0);
    return u;
  });
  return { values, left, right };
}

/** Gram-Schmidt, each vector twice; vectors that depend on earlier ones become zero. */
function orthonormalize(vectors: readonly Float64Array[]): void {
  vectors.forEach((v, i) => {
    const before = Math.sqrt(dot(v, v));
    for (let pass = 0; pass < 2; pass++) for (let j = 0; j < i; j++) addScaled(v, -dot(v, vectors[j]!), vectors[j]!);
    const norm = Math.sqrt(dot(v, v));
    scale(v, norm > before * 1e-13 ? 1 / norm : 0);
  });
}

const flat = (vectors: readonly Float64Array[]): Float64Array => {
  const width = vectors[0]!.length;
  const result = new Float64Array(vectors.length * width);
  vectors.forEach((v, i) => {
    result.set(v, i * width);
  });
  return result;
};

/** Extra vectors that are carried so that the wanted ones converge fast. */
const oversampling = 10;
const mostIterations = 40;

/** Subspace iteration: the same numbers in every run, as the start is drawn from a fixed stream. */
function subspaceVectors(a: Float64Array, [m, n]: readonly [number, number], rank: number): SingularVectors {
  const width = rank + oversampling;
  const start = new Float64Array(width * n);
  fillUniform(start, 1, streamKey(1, 'subspace'));
  const back = transposed(a, m, n);
  let q = rowsOf(multiply(start, back, [width, n, m]), width, m);
  let energy = 0;
  for (let i = 0; i < mostIterations; i++) {
    orthonormalize(q);
    const projected = rowsOf(multiply(flat(q), a, [width, m, n]), width, n);
    const now = projected.reduce((sum, v) => sum + dot(v, v), 0);
    if (now - energy <= now * 1e-9) break;
    energy = now;
    orthonormalize(projected);
    q = rowsOf(multiply(flat(projected), back, [width, n, m]), width, m);
  }
  orthonormalize(q);
  const basis = flat(q);
  const { values, left, right } = singularValues(multiply(basis, a, [width, m, n]), width, n);
  return {
    values: values.slice(0, rank),
    left: left.slice(0, rank).map((u) => multiply(u, basis, [1, width, m])),
    right: right.slice(0, rank),
  };
}

/** Above this many rows and columns the whole decomposition takes seconds, and few vectors are wanted. */
const large = 96;

/** The `rank` largest singular values and their vectors: the nearest matrix of that rank (Eckart-Young). */
export function largestSingularValues(
  a: Float64Array,
  [m, n]: readonly [number, number],
  rank: number,
): SingularVectors {
  const least = Math.min(m, n);
  if (least > large && rank + oversampling < least / 3) return subspaceVectors(a, [m, n], rank);
  const { values, left, right } = singularValues(a, m, n);
  return { values: values.slice(0, rank), left: left.slice(0, rank), right: right.slice(0, rank) };
}

/** a (m, n) as U (m, rank) times V (rank, n), both with the square roots of the singular values. */
export function factorize(
  a: Float64Array,
  [m, n]: readonly [number, number],
  rank: number,
): { readonly u: Float64Array; readonly v: Float64Array } {
  const { values, left, right } = largestSingularValues(a, [m, n], rank);
  const u = new Float64Array(m * rank);
  const v = new Float64Array(rank * n);
  values.forEach((value, r) => {
    const root = Math.sqrt(value);
    for (let i = 0; i < m; i++) u[i * rank + r] = root * left[r]![i]!;
    for (let j = 0; j < n; j++) v[r * n + j] = root * right[r]![j]!;
  });
  return { u, v };
}
