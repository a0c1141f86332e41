/** The kernels of Kronecker products: one for each pair of shapes, its two products cut into tiles for vectors. */
import type { CallOf } from '../../kernels/calls.js';
import { padded } from '../../kernels/regions.js';
import { kroneckerName } from './calls.js';
import type { Piece } from './piece.js';
import { type SmallProduct, type Tiling, tileStatements } from './tiles.js';

/** In the order of their first calls; without a tiling their products are written by the plain kernel. */
export function kroneckerPieces(calls: readonly CallOf<'kron'>[], tiling?: Tiling): readonly Piece[] {
  const pieces = new Map<string, Piece>();
  for (const call of calls) {
    const name = kroneckerName(call);
    if (!pieces.has(name)) pieces.set(name, { name: 'kron', neon: false, view: kroneckerView(name, call, tiling) });
  }
  return [...pieces.values()];
}

function kroneckerView(name: string, call: CallOf<'kron'>, tiling?: Tiling) {
  const { bShape, cShape, within, gates, order } = call;
  const [[b0, b1], [c0, c1]] = [bShape, cShape];
  const bFirst = order === 'b-first';
  const ct = { name: 'ct', stride: padded(gates * c0) };
  const t = { name: 't', stride: bFirst ? padded(c1) : ct.stride };
  const b = { name: 'b', stride: within?.columns ?? b1 };
  const [x, y] = [
    { name: 'x', stride: c1 },
    { name: 'y', stride: c0 },
  ];
  const first: SmallProduct = bFirst
    ? { rows: gates * b0, columns: c1, inner: b1, a: b, b: x, y: t }
    : { rows: b1, columns: gates * c0, inner: c1, a: x, b: ct, y: t };
  const second: SmallProduct = bFirst
    ? { rows: b0, columns: c0, inner: c1, a: t, b: ct, y }
    : { rows: b0, columns: c0, inner: b1, a: b, b: t, y };
  const [firstLines, secondLines] = [statements(first, tiling), statements(second, tiling)];
  const variables = ['row', 'column'].filter((v) => [...firstLines, ...secondLines].some((l) => l.includes(`(${v} =`)));
  return {
    name,
    shapes: { b0, b1, c0, c1, b: gates * b0, ct: ct.stride, t: bFirst ? gates * b0 : b1, tStride: t.stride },
    of: within === undefined ? '' : ` of ${within.columns} columns`,
    bFirst,
    gates,
    several: gates > 1,
    tSize: (bFirst ? gates * b0 : b1) * t.stride,
    looping: gates > 1 || variables.length > 0,
    variables: [...(gates > 1 ? ['gate'] : []), ...variables].join(', '),
    first: firstLines,
    second: secondLines,
    // From one gate to the next: B lies gate below gate, T of 'b-first' too; C^T and T of 'c-first' beside each other.
    steps: bFirst ? `ct += ${c0}, t += ${b0 * t.stride}` : `t += ${c0}, b += ${b0 * b.stride}`,
  };
}

function statements(product: SmallProduct, tiling?: Tiling): readonly string[] {
  if (tiling !== undefined) return tileStatements(product, tiling);
  const { rows, columns, inner, a, b, y } = product;
  const operands = [a, b, y].map(({ name, stride }) => `${name}, ${stride}`).join(', ');
  return [`gemm_add(${rows}, ${columns}, ${inner}, ${operands});`];
}
