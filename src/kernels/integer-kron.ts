/**
 * A Kronecker product of integers in two products along an axis: the sums of the first are float32, and are rounded to
 * codes vector by vector for the second, as every vector is. Stores and places nothing by itself.
 */
import { type Buffer, type Gates, type MatrixRef, type Planner, part } from './planner.js';

/** Both factors, all gates of each below each other, and the shapes of one gate. */
export interface Factors {
  readonly b: MatrixRef;
  readonly c: MatrixRef;
  readonly bShape: readonly [rows: number, columns: number];
  readonly cShape: readonly [rows: number, columns: number];
  readonly order: 'b-first' | 'c-first';
}

/** One gate of a factor. */
function gateOf(w: MatrixRef, gate: number, gates: number): MatrixRef {
  const rows = w.rows / gates;
  return { ...w, offset: w.offset + gate * rows * w.columns, rows };
}

/** y += (B (x) C) x for every gate. T = B X is one product for all gates, T = X C^T one for each. */
export function integerKron(p: Pick<Planner, 'scratch' | 'gemm'>, factors: Factors, x: Buffer, to: Gates): void {
  const { b, c, bShape, cShape, order } = factors;
  const [[b0, b1], [c0, c1]] = [bShape, cShape];
  const gates = Array.from({ length: to.count }, (_, gate) => ({
    b: gateOf(b, gate, to.count),
    c: gateOf(c, gate, to.count),
    y: part(to.y, gate * to.apart, b0 * c0),
  }));
  if (order === 'b-first') {
    const t = p.scratch(b.rows * c1);
    p.gemm(b, x, t, { before: 1, after: c1, mode: 'set' });
    for (const [i, gate] of gates.entries())
      p.gemm(gate.c, part(t, i * b0 * c1, b0 * c1), gate.y, { before: b0, after: 1, mode: 'add' });
    return;
  }
  for (const gate of gates) {
    const t = p.scratch(b1 * c0);
    p.gemm(gate.c, x, t, { before: b1, after: 1, mode: 'set' });
    p.gemm(gate.b, t, gate.y, { before: 1, after: c0, mode: 'add' });
  }
}
