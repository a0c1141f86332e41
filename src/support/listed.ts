/** Lists inside messages: the first few items, and how many more there are. Every message that lists lists by this. */
import { count } from './units.js';

/** So many are always shown; a few more are shown rather than counted. */
const most = 12;

/** "a, b, c", or the first 12 "and 40 more". */
export function listed(items: readonly string[]): string {
  if (items.length <= most + 3) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${count(items.length - most)} more`;
}

/** The same between two quotes that a message has already. */
export const listedBetween = (words: readonly string[]): string =>
  words.length <= most + 3
    ? words.join('`, `')
    : `${words.slice(0, most).join('`, `')}\` and \`${count(words.length - most)} more`;

/** The same, each item as code. */
export const listedWords = (words: readonly string[]): string => listed(words.map((word) => `\`${word}\``));
