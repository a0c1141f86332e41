/** Rows of every gate that are stored in full, above others that are not: what `hlf` and `hkp` share. */
import { type Buffer, type Gates, type MatrixRef, type Planner, part } from '../kernels/planner.js';

/** y += A x for the first rows of every gate: one product for all gates, so that few panels are not full. */
export function planUpperRows(p: Planner, a: MatrixRef, x: Buffer, { count, apart, y }: Gates): void {
  const rows = a.rows / count;
  if (count === 1) {
    p.gemv(a, x, part(y, 0, rows), 'add');
    return;
  }
  const all = p.scratch(a.rows);
  p.gemv(a, x, all, 'set');
  for (let gate = 0; gate < count; gate++) p.add(part(all, gate * rows, rows), part(y, gate * apart, rows));
}
