/** The product of a tensor train in graph ops, and its values in doubles: cores multiplied out, and fitted. */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/ops.js';
import { largestSingularValues, multiply } from '../../tensor/linear-algebra.js';
import { denseProduct, once, touchedColumns, worthFactoring } from '../column-blocks.js';
import { product } from '../cuts.js';
import type { Apply, Matrix } from '../method.js';
import { coreMatrix, madeShape, type Train, trainCost } from './train.js';

/** W of every gate, (gates, m, n), from cores (gates, rank, rows, columns, rank). */
function multipliedOut(g: Builder, cores: readonly Value[], gates: number, { shapes, ranks }: Train): Value {
  return cores.slice(1).reduce((made, core, before) => {
    const k = before + 1;
    const [m, n] = madeShape(shapes.slice(0, k));
    const [rows, columns] = shapes[k]!;
    const [left, right] = [ranks[k]!, ranks[k + 1]!];
    const factors = g.reshape(core, [gates, left, rows * columns * right]);
    const outer = g.matmul(g.reshape(made, [gates, m * n, left]), factors);
    const turned = g.transpose(g.reshape(outer, [gates, m, n, rows, columns * right]), [0, 1, 3, 2, 4]);
    return g.reshape(turned, [gates, m * rows, n * columns * right]);
  }, cores[0]!);
}

/** W x for x (samples, columns) with the cores applied from the last to the first: (samples, gates * rows). */
function factored(g: Builder, cores: readonly Value[], train: Train, x: Value): Value {
  const [gates] = g.shape(cores[0]!);
  const [samples] = g.shape(x);
  const last = cores.length - 1;
  let z = x;
  for (let k = last; k >= 0; k--) {
    const { rows, columns, before, after } = coreMatrix(train, k);
    const outer = samples! * before;
    if (k === last) {
      const all = g.reshape(cores[k]!, [gates! * rows, columns]);
      const made = g.matmul(g.reshape(z, [outer, columns]), all, { transposeB: true });
      z = g.transpose(g.reshape(made, [outer, gates!, rows]), [1, 0, 2]);
      continue;
    }
    const turned = g.transpose(g.reshape(z, [gates!, outer, columns, after]), [0, 2, 1, 3]);
    const core = g.reshape(cores[k]!, [gates!, rows, columns]);
    const made = g.matmul(core, g.reshape(turned, [gates!, columns, outer * after]));
    z = g.transpose(g.reshape(made, [gates!, rows, outer, after]), k === 0 ? [2, 0, 1, 3] : [0, 2, 1, 3]);
  }
  return g.reshape(z, [samples!, g.shape(z).reduce((all, d) => all * d, 1) / samples!]);
}

/** Ops of the factored form beyond the one matmul of the other. */
const factoredOps = (cores: number): number => 6 * cores;

/** The product: core by core where that is cheaper for a block, else multiplied out once per graph. */
export function trainProduct(g: Builder, cores: readonly Value[], matrix: Matrix, train: Train): Apply {
  const { gates, shape, columns } = matrix;
  const [first, ...others] = train.shapes;
  const width = product(others.map((s) => s[1]));
  const spans = touchedColumns(matrix, width);
  const starts = spans.map((span) => once(() => g.slice(cores[0]!, 3, span.first, span.count)));
  const whole = once(() => {
    const made = multipliedOut(g, cores, gates, train);
    return denseProduct(g, g.reshape(made, [gates, ...shape]), matrix);
  });
  return (block, x, rows) => {
    const { count, before } = spans[block]!;
    const part: Train = { ...train, shapes: [[first![0], count], ...others] };
    const dense = gates * shape[0] * columns[block]!;
    if (!worthFactoring(rows.count, dense, gates * trainCost(part), factoredOps(cores.length)))
      return whole()(block, x, rows);
    return factored(g, [starts[block]!(), ...cores.slice(1)], part, g.pad(x, 1, before, count * width));
  };
}

/** Visits every element of W with its place row-major and its place in the train: digits of both, core by core. */
function eachElement({ shapes }: Train, visit: (inW: number, inTrain: number) => void): void {
  const [m, n] = madeShape(shapes);
  const placed = (side: 0 | 1, extent: number): Float64Array =>
    new Float64Array(extent).map((_, index) => {
      let [rest, place, unit] = [index, 0, 1];
      for (const [rows, columns] of [...shapes].reverse()) {
        const base = side === 0 ? rows : columns;
        place += (rest % base) * (side === 0 ? columns : 1) * unit;
        rest = Math.floor(rest / base);
        unit *= rows * columns;
      }
      return place;
    });
  const [ofRow, ofColumn] = [placed(0, m), placed(1, n)];
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) visit(i * n + j, ofRow[i]! + ofColumn[j]!);
}

/** W of one gate from its cores. */
export function trainValues(cores: readonly Float64Array[], train: Train): Float64Array {
  const { shapes, ranks } = train;
  const made = cores.slice(1).reduce((left, core, before) => {
    const rank = ranks[before + 1]!;
    return multiply(left, core, [left.length / rank, rank, core.length / rank]);
  }, cores[0]!);
  const w = new Float64Array(product(madeShape(shapes)));
  eachElement(train, (inW, inTrain) => {
    w[inW] = made[inTrain]!;
  });
  return w;
}

/** Cores near one gate's W: a truncated singular value decomposition at every cut, left to right (Oseledets 2011). */
export function fitTrain(w: Float64Array, train: Train): readonly Float64Array[] {
  const { shapes, ranks } = train;
  let rest: Float64Array = new Float64Array(w.length);
  eachElement(train, (inW, inTrain) => {
    rest[inTrain] = w[inW]!;
  });
  const cores = shapes.slice(0, -1).map((shape, k) => {
    const rank = ranks[k + 1]!;
    const height = ranks[k]! * product(shape);
    const width = rest.length / height;
    const { values, left, right } = largestSingularValues(rest, [height, width], rank);
    const core = new Float64Array(height * rank);
    rest = new Float64Array(rank * width);
    values.forEach((value, r) => {
      left[r]!.forEach((v, i) => {
        core[i * rank + r] = v;
      });
      rest.set(
        right[r]!.map((v) => v * value),
        r * width,
      );
    });
    return core;
  });
  return evened([...cores, rest]);
}

/** The same product with cores of equal mean square, as the start of training has them. */
function evened(cores: readonly Float64Array[]): readonly Float64Array[] {
  const sizes = cores.map((core) => Math.sqrt(core.reduce((sum, v) => sum + v * v, 0) / core.length));
  const common = product(sizes) ** (1 / cores.length);
  return common > 0 ? cores.map((core, k) => core.map((v) => (v * common) / sizes[k]!)) : cores;
}
