/**
 * Writes distinct ids, and sums over equal ones. Ids that come once stand before those that come again, so that only
 * the latter are summed up, by a product with a matrix of ones and zeros: in a fixed order, and no two threads write to
 * one row.
 */
import type { Value } from '../../graph/ops.js';
import { type OnnxWriter, tensorType } from './onnx-writer.js';
import type { OfIds } from './rows-per-id.js';

/** Distinct ids (U), and of each id the place among them (n). */
export interface Distinct {
  /** All ids, as int64 (n). */
  readonly all: string;
  readonly ids: string;
  readonly places: string;
}

/** The distinct ids; in ascending order, unless something is summed over them in the way of this file. */
export function distinctOf(w: OnnxWriter, ids: Value): Distinct {
  if (w.distinct.summed.has(ids)) return repeatsOf(w, ids);
  const [distinct, places] = [`rows/${ids}`, `rows/${ids}/places`];
  const all = w.once(`distinct ${ids}`, () => {
    const wide = w.temporary('Cast', [w.name(ids)], { to: tensorType.int64 });
    w.nodes.push({ op: 'Unique', inputs: [wide], outputs: [distinct, `rows/${ids}/first`, places], attributes: {} });
    return wide;
  });
  return { all, ids: distinct, places };
}

/** Distinct ids, those that come once in front. */
interface Repeats extends Distinct {
  /** Where those are that come once (U - r). */
  readonly single: string;
  /** Where all others are (m). */
  readonly shared: string;
  /** Which of these are of which id that comes again: ones and zeros (r, m). */
  readonly same: string;
}

function repeatsOf(w: OnnxWriter, ids: Value): Repeats {
  const named = (what: string): string => `rows/${ids}/${what}`;
  const repeats = {
    all: named('all'),
    ids: named('ids'),
    places: named('places'),
    single: named('single'),
    shared: named('shared'),
    same: named('same'),
  };
  w.once(repeats.ids, () => {
    w.node('Cast', [w.name(ids)], repeats.all, { to: tensorType.int64 });
    writeRepeats(w, repeats);
    return repeats.ids;
  });
  return repeats;
}

function writeRepeats(w: OnnxWriter, { all, ids, places, single, shared, same }: Repeats): void {
  const [sorted, first, inverse, counts] = [`${all}/sorted`, `${all}/first`, `${all}/inverse`, `${all}/counts`];
  w.nodes.push({ op: 'Unique', inputs: [all], outputs: [sorted, first, inverse, counts], attributes: {} });
  const listed = (mask: string): string => w.temporary('Reshape', [w.temporary('NonZero', [mask]), w.integers([-1])]);
  const again = w.temporary('Greater', [counts, w.integers([1])]);
  const once = w.temporary('Not', [again]);
  const order = w.temporary('Concat', [listed(once), listed(again)], { axis: 0 });
  w.node('Gather', [sorted, order], ids, { axis: 0 });
  const back = w.temporary('ScatterElements', [order, order, listed(counts)], { axis: 0 });
  w.node('Gather', [back, inverse], places, { axis: 0 });
  w.node('Compress', [first, once], single, { axis: 0 });
  const more = w.temporary('Gather', [again, inverse], { axis: 0 });
  w.node('Reshape', [w.temporary('NonZero', [more]), w.integers([-1])], shared);
  const rows = w.temporary('Compress', [sorted, again], { axis: 0 });
  const columns = w.temporary('Compress', [all, more], { axis: 0 });
  const equal = w.temporary('Equal', [asColumn(w, rows), w.temporary('Reshape', [columns, w.integers([1, -1])])]);
  w.node('Cast', [equal], same, { to: tensorType.float });
}

/** A list (n) as (n, 1). */
export const asColumn = (w: OnnxWriter, list: string): string => w.temporary('Reshape', [list, w.integers([-1, 1])]);

/** Sums of rows (n, width) over equal ids (U, width), in the order of the distinct ones. */
function sumRows(w: OnnxWriter, { single, shared, same }: Repeats, rows: string): string {
  const alone = w.temporary('Gather', [rows, single], { axis: 0 });
  const together = w.temporary('Gemm', [same, w.temporary('Gather', [rows, shared], { axis: 0 })]);
  return w.temporary('Concat', [alone, together], { axis: 0 });
}

/** Sums over equal ids of a value that is written, a row for each distinct id. */
export const sumOf = (w: OnnxWriter, value: Value, { ids, axis }: OfIds): string =>
  w.once(`sums ${value} ${ids} ${axis}`, () => {
    const rows = axis === 0 ? w.name(value) : w.turned(value);
    return sumRows(w, repeatsOf(w, ids), rows);
  });
