/**
 * Hidden units may be reordered freely ([H] A3): their rows and biases in every gate, their columns in the layer's own
 * recurrent matrix and in every layer that reads it. With `permute=yes` the units that a low rank serves worst come
 * first, where `hlf` stores rows in full. The reordered network computes what the given one does.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import type { RichRows } from '../methods/method.js';
import { isRecurrent, type Layer, type Model } from '../model/model.js';
import { defined } from '../support/assert.js';
import type { GivenLayer } from './given-shapes.js';
import { matrixShape } from './given-shapes.js';
import { fitError } from './messages.js';
import { unitMatrix } from './unit-matrix.js';

type Layers = ReadonlyMap<string, GivenLayer>;

/** New places in order: `order[i]` is the unit that comes i-th. */
type Order = readonly number[];

/** One weight that may choose its rows, with what it is to stand for. */
interface Chooser {
  readonly rich: RichRows;
  readonly dense: Float64Array;
  readonly columns: number;
}

const byScore = (scores: Float64Array): Order => [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);

/** Sums over gates and weights, one for each hidden unit. */
function perUnit(units: number, all: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(units);
  for (const scores of all) for (const [i, score] of scores.entries()) sums[i % units]! += score;
  return sums;
}

/** Squared lengths of all rows. */
function rowSquares({ dense, columns }: Chooser): Float64Array {
  const sums = new Float64Array(dense.length / columns);
  for (const [i, value] of dense.entries()) sums[Math.floor(i / columns)]! += value * value;
  return sums;
}

/** What an order loses in all, and by which unit. */
function lostBy(choosers: readonly Chooser[], order: Order): { readonly error: number; readonly scores: Float64Array } {
  let error = 0;
  const all = choosers.map(({ rich, dense }) => {
    const chosen = new Set(order.slice(0, rich.count));
    const lost = rich.lost(dense, chosen);
    error += lost.reduce((sum, value, i) => sum + (chosen.has(i % order.length) ? 0 : value), 0);
    return lost;
  });
  return { error, scores: perUnit(order.length, all) };
}

const rounds = 3;

/** From both ends, as neither is always better: the longest rows first, or those that a low rank serves worst. */
function orderOf(layer: Layer, { matrix }: GivenLayer): Order | undefined {
  const units = layer.shape.family?.rows ?? 0;
  if (matrix === undefined) return undefined;
  const choosers = layer.units.flatMap((unit): readonly Chooser[] => {
    const rich = unit.weight.richRows;
    return rich === undefined
      ? []
      : [{ rich, dense: unitMatrix(layer, unit, matrix), columns: unit.weight.matrix.shape[1] }];
  });
  if (choosers.length === 0) return undefined;
  const none = new Set<number>();
  const longest = byScore(perUnit(units, choosers.map(rowSquares)));
  const worst = byScore(
    perUnit(
      units,
      choosers.map(({ rich, dense }) => rich.lost(dense, none)),
    ),
  );
  let best: { readonly order: Order; readonly error: number } | undefined;
  for (const start of [longest, worst]) {
    let order = start;
    for (let round = 0; round < rounds; round++) {
      const { error, scores } = lostBy(choosers, order);
      if (best === undefined || error < best.error) best = { order, error };
      order = byScore(scores);
    }
  }
  return best?.order;
}

/** Rows of every gate in another order, `width` values each. */
function rowsInOrder<A extends Float64Array | Float32Array>(values: A, order: Order, width: number): A {
  const turned = values.slice() as A;
  const gateSize = order.length * width;
  for (let gate = 0; gate < values.length; gate += gateSize) {
    for (const [to, from] of order.entries()) {
      turned.set(values.subarray(gate + from * width, gate + (from + 1) * width), gate + to * width);
    }
  }
  return turned;
}

/** Columns [first, first + order.length) of every row in another order. */
function columnsInOrder(values: Float64Array, order: Order, width: number, first: number): Float64Array {
  const turned = values.slice();
  for (let row = 0; row < values.length; row += width) {
    for (const [to, from] of order.entries()) turned[row + first + to] = values[row + first + from]!;
  }
  return turned;
}

function reorderedRows(layer: Layer, given: GivenLayer, order: Order): GivenLayer {
  const [, , width] = defined(matrixShape(layer), 'the shape of a matrix');
  const tensors = new Map([...given.tensors].map(([name, values]) => [name, rowsInOrder(values, order, 1)]));
  const rows = rowsInOrder(defined(given.matrix, 'a given matrix'), order, width);
  const [input] = layer.shape.family!.columns;
  const matrix = isRecurrent(layer) ? columnsInOrder(rows, order, width, input!) : rows;
  return { ...given, tensors, matrix };
}

function reorderedInput(layer: Layer, given: GivenLayer, order: Order): GivenLayer {
  const [, , width] = defined(matrixShape(layer), 'the shape of a matrix');
  return { ...given, matrix: columnsInOrder(defined(given.matrix, 'a given matrix'), order, width, 0) };
}

/** Layers that read the units of one, past layers that only choose among steps; or why they cannot be followed. */
function readersOf(model: Model, layer: Layer): readonly Layer[] | string {
  if (layer.shape.family?.lookup === true) return 'its rows are those of the ids';
  if (model.outputs.includes(layer.name)) return 'it is an output of the model';
  const readers: Layer[] = [];
  for (const reader of model.layers.filter((l) => l.inputs.includes(layer.name))) {
    if (reader.shape.family !== undefined && reader.inputs.length === 1) readers.push(reader);
    else if (reader.kind === 'last' || reader.kind === 'max_over_time') {
      const beyond = readersOf(model, reader);
      if (typeof beyond === 'string') return beyond;
      readers.push(...beyond);
    } else return `\`${reader.name} = ${reader.kind}\` reads them in their order`;
  }
  return readers;
}

/** The same network with the hidden units of some layers in the order that their methods ask for. */
export function permute(model: Model, given: Layers, report: Report): Layers | undefined {
  const turned = new Map(given);
  let whole = true;
  for (const layer of model.layers) {
    const own = turned.get(layer.name);
    const order = own && orderOf(layer, own);
    if (own === undefined || order === undefined) continue;
    const readers = readersOf(model, layer);
    const missing =
      typeof readers === 'string' ? undefined : readers.find((r) => turned.get(r.name)?.matrix === undefined);
    const reason = typeof readers === 'string' ? readers : missing && `\`${missing.name}\` is given as it is stored`;
    if (reason !== undefined || typeof readers === 'string') {
      report(fitError('cannot-permute', layer.span, { layer: layer.name, reason: reason ?? '' }));
      whole = false;
      continue;
    }
    turned.set(layer.name, reorderedRows(layer, own, order));
    for (const reader of readers) turned.set(reader.name, reorderedInput(reader, turned.get(reader.name)!, order));
  }
  return whole ? turned : undefined;
}
