/** Which file of a data folder is which split, by the words in its name. It never guesses between two files. */
import { Fault } from '../support/fault.js';
import { listed } from '../support/listed.js';
import type { Split } from './corpus.js';

/** A split's words, delimited by anything but letters: `ptb.train.txt`, `dev-1.txt`. */
const delimited: Readonly<Record<Split, RegExp>> = {
  train: /(^|[^a-z])(train|training)([^a-z]|$)/i,
  valid: /(^|[^a-z])(valid|validation|val|dev)([^a-z]|$)/i,
  test: /(^|[^a-z])(test|testing)([^a-z]|$)/i,
};
/** For names that run words together (`ptbtrain.txt`), when no name has the word by itself. */
const contained: Readonly<Record<Split, RegExp>> = { train: /train/i, valid: /valid/i, test: /test/i };

const words: Readonly<Record<Split, string>> = {
  train: '`train`',
  valid: '`valid`, `val` or `dev`',
  test: '`test`',
};

const files = (names: readonly string[]): string => listed(names) || 'no file at all';

/** The file of one split, undefined when no name has its word. */
function findSplit(split: Split, names: readonly string[], directory: string): string | undefined {
  const exact = names.filter((name) => delimited[split].test(name));
  const matches = exact.length > 0 ? exact : names.filter((name) => contained[split].test(name));
  if (matches.length > 1)
    throw new Fault(
      'data/ambiguous-split',
      `${directory} has ${matches.length} files for ${split}: ${files(matches)}`,
      `leave one file with ${words[split]} in its name`,
    );
  return matches[0];
}

/** File name per split that is there; a missing one of `needed` is a fault that names what was found. */
export function findSplits(
  names: readonly string[],
  directory: string,
  needed: readonly Split[],
): ReadonlyMap<Split, string> {
  const found = new Map<Split, string>();
  for (const split of ['train', 'valid', 'test'] as const) {
    const name = findSplit(split, names, directory);
    if (name === undefined) continue;
    const other = [...found].find(([, taken]) => taken === name);
    if (other !== undefined)
      throw new Fault(
        'data/ambiguous-split',
        `${name} in ${directory} names both ${other[0]} and ${split}`,
        'rename the file so that one split is in its name',
      );
    found.set(split, name);
  }
  for (const split of needed) {
    if (!found.has(split))
      throw new Fault(
        'data/no-split',
        `${directory} has no ${split} split: found ${files(names)}`,
        `give a file with the word ${words[split]} in its name, such as ${split}.txt`,
      );
  }
  return found;
}
