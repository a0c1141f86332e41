/**
 * A weight gradient summed over time steps, x_1^T dz_1 + ... + x_T^T dz_T, is one product of the concatenated steps:
 * the contracted axis grows instead of the number of products. Likewise a bias gradient is one sum of a concat.
 */
import type { Builder } from '../graph/builder.js';
import type { Graph, Op, OpOf, Value } from '../graph/ops.js';
import { sameShape } from '../tensor/shape.js';
import type { Pass } from './pass.js';
import { groupBy, rewriteSums, type Term } from './sums.js';

/** Orders in which parts are concatenated, in the graph or by this pass so far, by axis and set of parts. */
type KnownOrders = Map<string, readonly Value[]>;

const setKey = (parts: readonly Value[], axis: number): string =>
  `${axis}:${[...parts].sort((a, b) => a - b).join(',')}`;

function knownOrders(graph: Graph): KnownOrders {
  const orders: KnownOrders = new Map();
  for (const op of graph.ops) if (op.kind === 'concat') orders.set(setKey(op.inputs, op.attrs.axis), op.inputs);
  return orders;
}

/** Axes of the operands along which they are contracted. */
const contracted = (op: OpOf<'matmul'>): readonly [number, number] => {
  const last = op.shape.length - 1;
  return [op.attrs.transposeA ? last - 1 : last, op.attrs.transposeB ? last : last - 1];
};

const batchOf = (shape: readonly number[]): readonly number[] => shape.slice(0, -2);

/** Whether concatenating the operands of such products pays: it copies them, and saves adding up the results. */
function mayBatch(b: Builder, op: Op): op is OpOf<'matmul'> {
  if (op.kind !== 'matmul') return false;
  const [x, y] = op.inputs.map((i) => b.shape(i)) as [readonly number[], readonly number[]];
  if (!sameShape(batchOf(x), batchOf(op.shape)) || !sameShape(batchOf(y), batchOf(op.shape))) return false;
  if (op.attrs.transposeA && !op.attrs.transposeB) return true;
  return x[contracted(op)[0]]! <= Math.min(...op.shape.slice(-2));
}

/** Terms in an order in which one of their operands is concatenated anyway, so that both concats become one. */
function inKnownOrder(
  terms: readonly Term[],
  axes: readonly number[],
  known: KnownOrders,
): readonly Term[] | undefined {
  for (const [operand, axis] of axes.entries()) {
    const parts = terms.map((t) => t.before.inputs[operand]!);
    const order = known.get(setKey(parts, axis));
    if (order === undefined || new Set(order).size !== order.length) continue;
    const place = new Map(order.map((v, at) => [v, at]));
    const placeOf = (t: Term): number => place.get(t.before.inputs[operand]!)!;
    return [...terms].sort((s, t) => placeOf(s) - placeOf(t));
  }
  return undefined;
}

/** A known order, else that in which the terms' earliest operands were made: the order of time. Then it is known. */
function ordered(terms: readonly Term[], axes: readonly number[], known: KnownOrders): readonly Term[] {
  const made = (t: Term): number => Math.min(...t.before.inputs);
  const result = inKnownOrder(terms, axes, known) ?? [...terms].sort((s, t) => made(s) - made(t));
  for (const [operand, axis] of axes.entries()) {
    const parts = result.map((t) => t.before.inputs[operand]!);
    const key = setKey(parts, axis);
    if (!known.has(key)) known.set(key, parts);
  }
  return result;
}

function batchMatmuls(b: Builder, terms: readonly Term[], known: KnownOrders): Value {
  const [first] = terms.map((t) => b.ops[t.value] as OpOf<'matmul'>);
  const axes = contracted(first!);
  const inOrder = ordered(terms, axes, known);
  const operand = (which: 0 | 1): Value =>
    b.concat(
      inOrder.map((t) => b.ops[t.value]!.inputs[which]!),
      axes[which],
    );
  return b.matmul(operand(0), operand(1), first!.attrs);
}

function batchSums(b: Builder, terms: readonly Term[], known: KnownOrders): Value {
  const [first] = terms.map((t) => b.ops[t.value] as OpOf<'sum'>);
  const inOrder = ordered(terms, [0], known);
  const parts = inOrder.map((t) => b.ops[t.value]!.inputs[0]!);
  return b.sum(b.concat(parts, 0), first!.attrs.axes, first!.attrs.keep);
}

/** Equal for terms that may become one; undefined for terms that stay as they are. */
function keyOf(b: Builder, op: Op): string | undefined {
  if (mayBatch(b, op)) return `matmul ${JSON.stringify(op.attrs)}`;
  if (op.kind !== 'sum' || !op.attrs.axes.includes(0)) return undefined;
  return `sum ${JSON.stringify(op.attrs)} ${b.shape(op.inputs[0]!).slice(1).join('x')}`;
}

function batched(b: Builder, terms: readonly Term[], known: KnownOrders): readonly Value[] | undefined {
  const keyed = terms.map((t, at) => ({ ...t, key: keyOf(b, b.ops[t.value]!) ?? `alone ${at}` }));
  const groups = groupBy(keyed, (t) => t.key);
  if (groups.size === terms.length) return undefined;
  return [...groups.values()].map((group) => {
    if (group.length === 1) return group[0]!.value;
    const batch = b.ops[group[0]!.value]!.kind === 'matmul' ? batchMatmuls : batchSums;
    return batch(b, group, known);
  });
}

export const batchProducts: Pass = {
  name: 'batch-products',
  why: 'one large product per weight gradient instead of one small product per time step',
  run: (graph) => {
    const known = knownOrders(graph);
    return rewriteSums(graph, (b, terms) => batched(b, terms, known));
  },
};
