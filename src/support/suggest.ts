/** "Did you mean": the nearest of a list of known words. */
import { listedWords } from './listed.js';

/** Edit distance with transpositions (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => {
    const row = new Array<number>(b.length + 1).fill(0);
    row[0] = i;
    return row;
  });
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      rows[i]![j] = best;
    }
  }
  return rows[a.length]![b.length]!;
}

/** The known words nearest to `word` that are near enough to be what was meant: as near as each other. */
function nearest(word: string, known: readonly string[]): readonly string[] {
  if (word === '') return [];
  const limit = Math.max(1, Math.floor(word.length / 3));
  // One letter is as far from every other letter as can be: its case may be mistaken, or another letter left out.
  const near = (candidate: string): boolean => word.length > 1 || candidate.toLowerCase().includes(word.toLowerCase());
  const ranked = known
    // The distance is at least the difference in length: words far too long are not compared letter by letter.
    .filter((candidate) => near(candidate) && Math.abs(candidate.length - word.length) <= limit)
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = Math.min(limit, ranked[0]?.distance ?? 0);
  return ranked.filter(({ distance }) => distance <= best).map(({ candidate }) => candidate);
}

/** The first of the known words that are nearest to `word`, when it is near enough to be what was meant. */
export const closest = (word: string, known: readonly string[]): string | undefined => nearest(word, known)[0];

/** Words as near as each other that are shown. */
const mostNear = 3;

/** A wrong word and the words that are legal in its place; as text, what a hint says. */
export class Suggestion {
  readonly word: string;
  readonly known: readonly string[];
  /** The known word that was meant, when one is near enough. */
  readonly near: string | undefined;
  /** No other word is as near: `int9` may be any of `int8`, `int4`, `int3`, and is not replaced unasked. */
  readonly certain: boolean;
  /** The words that are as near as each other, the first of them. */
  readonly nearest: readonly string[];

  constructor(word: string, known: readonly string[]) {
    this.word = word;
    this.known = known;
    const words = nearest(word, known);
    this.near = words[0];
    this.certain = words.length === 1;
    this.nearest = words.slice(0, mostNear);
  }

  /** "did you mean `x`?" when a known word is near, "`x` or `y`" when several are, else "use one of a, b, c". */
  toString(): string {
    if (this.near !== undefined) return `did you mean ${this.nearest.map((w) => `\`${w}\``).join(' or ')}?`;
    return this.known.length === 0 ? 'there is nothing to choose from here' : `use one of ${listedWords(this.known)}`;
  }
}

export const suggestion = (word: string, known: readonly string[]): Suggestion => new Suggestion(word, known);
