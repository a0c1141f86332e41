/** Where something stands in the program text. */

export interface Source {
  /** As the user named the file; shown in messages. */
  readonly path: string;
  readonly text: string;
}

/** Half-open range [start, end) of UTF-16 offsets. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

const knownStarts = new WeakMap<Source, readonly number[]>();

/** Offsets at which the lines of a text begin. */
function lineStarts(source: Source): readonly number[] {
  const known = knownStarts.get(source);
  if (known !== undefined) return known;
  const starts = [0];
  for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1)) starts.push(at + 1);
  knownStarts.set(source, starts);
  return starts;
}

export function positionAt(source: Source, offset: number): Position {
  const starts = lineStarts(source);
  let [first, behind] = [0, starts.length];
  while (behind - first > 1) {
    const middle = (first + behind) >> 1;
    if (starts[middle]! <= offset) first = middle;
    else behind = middle;
  }
  return { line: first + 1, column: offset - starts[first]! + 1 };
}

/** The smallest span that covers both. */
export const cover = (a: Span, b: Span): Span => ({
  source: a.source,
  start: Math.min(a.start, b.start),
  end: Math.max(a.end, b.end),
});
