/**
 * What a page holds out of its training text to validate on: a share at the end, cut between two lines where there are
 * several, else between two words. Knows no vocabulary.
 */
import { Fault } from '../support/fault.js';

/** A text, or its UTF-8 bytes. */
export type Text = string | Uint8Array;

export interface HeldOut<T extends Text> {
  readonly train: T;
  readonly validation: T;
}

const badValidation = (message: string, hint: string): Fault => new Fault('page/bad-validation', message, hint);

/** Refuses what is no share. */
function refuseShare(share: number): void {
  if (!(share > 0 && share < 1)) throw badValidation(`\`validation\` is ${share}`, 'give a share between 0 and 1');
}

/** Places behind a mark: the last one up to `at`, and the first one from there on. */
function placesNear(text: Text, mark: '\n' | ' ', at: number): readonly number[] {
  const found =
    typeof text === 'string'
      ? [text.lastIndexOf(mark, at - 1), text.indexOf(mark, at)]
      : [text.lastIndexOf(mark.charCodeAt(0), at - 1), text.indexOf(mark.charCodeAt(0), at)];
  return found.flatMap((i) => (i < 0 || i + 1 === text.length ? [] : [i + 1]));
}

/** Where the held-out part starts: between two lines, else between two words, as near to `at` as there is a place. */
function cutNear(text: Text, at: number): number | undefined {
  for (const mark of ['\n', ' '] as const) {
    const [first, second = first] = placesNear(text, mark, at);
    if (first !== undefined) return at - first <= second! - at ? first : second;
  }
  return undefined;
}

/** The text without its last `share`, and that share. */
export function holdOut<T extends Text>(text: T, share: number): HeldOut<T> {
  refuseShare(share);
  // At least one character is left on either side: a mark at the very end parts nothing.
  const at = cutNear(text, Math.max(1, Math.min(text.length - 1, Math.round(text.length * (1 - share)))));
  if (at === undefined)
    throw badValidation(`${share} of the text cannot be held out: it has no two words`, 'give more text');
  return { train: text.slice(0, at) as T, validation: text.slice(at) as T };
}
