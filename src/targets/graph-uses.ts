/**
 * What a training target needs to know about a graph before it writes it: which ops are needed, how often each
 * value is read, and which slices of a value tile it. Reads graphs only; never changes one.
 */
import type { Graph, OpOf, Value } from '../graph/ops.js';

export interface Uses {
  /** True for ops that an output needs. */
  readonly live: readonly boolean[];
  /** How many live ops and outputs read each value. */
  readonly counts: readonly number[];
  /** Slice -> the group that tiles its operand completely, in order, when there is one. */
  readonly tiles: ReadonlyMap<Value, Tiling>;
}

/** Slices of one value that follow each other along an axis without a gap; equal slices share a part. */
export interface Tiling {
  readonly source: Value;
  readonly axis: number;
  readonly lengths: readonly number[];
  /** Slice -> index of its part. */
  readonly parts: ReadonlyMap<Value, number>;
}

function findLive(graph: Graph): boolean[] {
  const live = graph.ops.map(() => false);
  for (const value of Object.values(graph.outputs)) live[value] = true;
  for (let i = graph.ops.length - 1; i >= 0; i--) {
    if (live[i]) for (const input of graph.ops[i]!.inputs) live[input] = true;
  }
  return live;
}

function tilingOf(slices: readonly (readonly [Value, OpOf<'slice'>])[], extent: number): Tiling | undefined {
  const [, first] = slices[0]!;
  const axis = first.attrs.axis;
  const lengthAt = new Map<number, number>();
  for (const [, op] of slices) {
    const length = op.shape[axis]!;
    if ((lengthAt.get(op.attrs.start) ?? length) !== length) return undefined;
    lengthAt.set(op.attrs.start, length);
  }
  const starts = [...lengthAt.keys()].sort((a, b) => a - b);
  let next = 0;
  for (const start of starts) {
    if (start !== next) return undefined;
    next = start + lengthAt.get(start)!;
  }
  if (next !== extent) return undefined;
  return {
    source: first.inputs[0]!,
    axis,
    lengths: starts.map((s) => lengthAt.get(s)!),
    parts: new Map(slices.map(([value, op]) => [value, starts.indexOf(op.attrs.start)])),
  };
}

function findTiles(graph: Graph, live: readonly boolean[]): Map<Value, Tiling> {
  const groups = new Map<string, [Value, OpOf<'slice'>][]>();
  graph.ops.forEach((op, value) => {
    if (!live[value] || op.kind !== 'slice') return;
    const key = `${op.inputs[0]}/${op.attrs.axis}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [[value, op]]);
    else group.push([value, op]);
  });
  const tiles = new Map<Value, Tiling>();
  for (const group of groups.values()) {
    const [, op] = group[0]!;
    const tiling = tilingOf(group, graph.ops[op.inputs[0]!]!.shape[op.attrs.axis]!);
    if (tiling !== undefined) for (const [value] of group) tiles.set(value, tiling);
  }
  return tiles;
}

/** Live ops, read counts and tilings of a graph. */
export function findUses(graph: Graph): Uses {
  const live = findLive(graph);
  const counts = graph.ops.map(() => 0);
  graph.ops.forEach((op, value) => {
    if (live[value]) for (const input of op.inputs) counts[input]!++;
  });
  for (const value of Object.values(graph.outputs)) counts[value]!++;
  return { live, counts, tiles: findTiles(graph, live) };
}
