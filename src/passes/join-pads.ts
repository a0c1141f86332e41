/**
 * pad(a) + pad(b) + ... over ranges that do not meet is one concat. Without it the gradient of T slices of a
 * (T * B, 4 H) tensor would be T additions of that whole tensor.
 */
import type { Builder } from '../graph/builder.js';
import type { Op, OpOf, Value } from '../graph/ops.js';
import type { Pass } from './pass.js';
import { groupBy, rewriteSums, type Term } from './sums.js';

interface Range {
  readonly part: Value;
  readonly start: number;
  readonly end: number;
}

const isPad = (op: Op | undefined): op is OpOf<'pad'> => op?.kind === 'pad';

/** Ranges dealt onto as few lines as first-fit gives, so that those of one line do not meet. */
function deal(ranges: readonly Range[]): readonly (readonly Range[])[] {
  const lines: Range[][] = [];
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const line = lines.find((l) => l.at(-1)!.end <= range.start);
    if (line === undefined) lines.push([range]);
    else line.push(range);
  }
  return lines;
}

/** One tensor of `total` along `axis` with the ranges in place and zeros between. */
function join(b: Builder, line: readonly Range[], axis: number, total: number): Value {
  const shape = b.shape(line[0]!.part);
  const parts: Value[] = [];
  const fill = (extent: number): void => {
    if (extent > 0)
      parts.push(
        b.constant(
          0,
          shape.map((d, i) => (i === axis ? extent : d)),
        ),
      );
  };
  let end = 0;
  for (const range of line) {
    fill(range.start - end);
    parts.push(range.part);
    end = range.end;
  }
  fill(total - end);
  return b.concat(parts, axis);
}

function joinGroup(b: Builder, values: readonly Value[]): readonly Value[] {
  const pads = values.map((v) => b.ops[v] as OpOf<'pad'>);
  const { axis } = pads[0]!.attrs;
  const total = pads[0]!.shape[axis]!;
  const ranges = pads.map(({ inputs, attrs }) => {
    const part = inputs[0]!;
    return { part, start: attrs.before, end: attrs.before + b.shape(part)[axis]! };
  });
  return deal(ranges).map((line) =>
    line.length === 1 ? b.pad(line[0]!.part, axis, line[0]!.start, total) : join(b, line, axis, total),
  );
}

function joinPadsOf(b: Builder, terms: readonly Term[]): readonly Value[] | undefined {
  const pads = terms.map((t) => t.value).filter((v) => isPad(b.ops[v]));
  const groups = groupBy(pads, (v) => String((b.ops[v] as OpOf<'pad'>).attrs.axis));
  const joined = [...groups.values()].flatMap((group) => joinGroup(b, group));
  if (joined.length === pads.length) return undefined;
  return [...joined, ...terms.map((t) => t.value).filter((v) => !isPad(b.ops[v]))];
}

export const joinPads: Pass = {
  name: 'join-pads',
  why: 'the gradient of many slices of one tensor is one concat, not a sum of padded tensors',
  run: (graph) => rewriteSums(graph, joinPadsOf),
};
