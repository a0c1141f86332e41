/**
 * Chunks of BIO labels as the conlleval script of CoNLL-2000 counts them (Tjong Kim Sang and Buchholz 2000): a chunk is
 * right when its first token, its last token and its type all are.
 */

/** What conlleval counts. */
export interface ChunkCounts {
  /** Chunks of the data. */
  readonly gold: number;
  /** Chunks of the model. */
  readonly found: number;
  readonly right: number;
}

interface Tag {
  readonly mark: string;
  readonly type: string;
}

const tagOf = (label: string): Tag => {
  const dash = label.indexOf('-');
  return dash < 0 ? { mark: label, type: '' } : { mark: label.slice(0, dash), type: label.slice(dash + 1) };
};

/** Whether all labels are `O`, `B-type` or `I-type`, and some mark a chunk. */
export const areChunkLabels = (labels: readonly string[]): boolean =>
  labels.every((label) => label === 'O' || /^[BI]-./.test(label)) && labels.some((label) => label !== 'O');

const outside: Tag = { mark: 'O', type: '' };

const ends = (before: Tag, now: Tag): boolean => before.mark !== 'O' && (now.mark !== 'I' || before.type !== now.type);

const starts = (before: Tag, now: Tag): boolean =>
  now.mark === 'B' || (now.mark === 'I' && (before.mark === 'O' || before.type !== now.type));

/** Chunks of one sequence as `first last type`. */
export function chunksOf(labels: readonly string[]): readonly string[] {
  const chunks: string[] = [];
  let before = outside;
  let first = 0;
  [...labels, 'O'].forEach((label, at) => {
    const now = tagOf(label);
    if (ends(before, now)) chunks.push(`${first} ${at - 1} ${before.type}`);
    if (starts(before, now)) first = at;
    before = now;
  });
  return chunks;
}

/** Counts of one sequence. */
export function countChunks(gold: readonly string[], found: readonly string[]): ChunkCounts {
  const [golden, predicted] = [chunksOf(gold), new Set(chunksOf(found))];
  return { gold: golden.length, found: predicted.size, right: golden.filter((c) => predicted.has(c)).length };
}

/** F1 = 2 P R / (P + R) as a fraction; 0 where nothing is right. */
export const chunkF1 = ({ gold, found, right }: ChunkCounts): number =>
  right === 0 ? 0 : (2 * right) / (gold + found);
