/** Cuts the training split of a text to its first lines, whole, for experiments in small; valid and test stay whole. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const splits = ['train', 'valid', 'test'];

function fileOf(folder, split) {
  const found = readdirSync(folder).filter((name) => name.endsWith('.txt') && name.includes(split));
  if (found.length === 1) return found[0];
  throw new Error(`${folder} has ${found.length} files for ${split}: ${found.join(', ') || 'none'}`);
}

/** Whole lines of words separated by spaces, at most `tokens` of them, each line's end counted as one. */
export function firstLines(text, tokens) {
  const lines = [];
  let taken = 0;
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/).filter(Boolean).length;
    if (words === 0) continue;
    if (taken + words + 1 > tokens) break;
    taken += words + 1;
    lines.push(line);
  }
  return { text: `${lines.join('\n')}\n`, tokens: taken, lines: lines.length };
}

/** Writes the cut copy of `from` to `to`, unless it is there; returns how many tokens it trains on. */
export function cutText(from, to, tokens) {
  const note = join(to, 'cut.json');
  if (existsSync(note)) {
    const made = JSON.parse(readFileSync(note, 'utf8'));
    if (made.asked === tokens) return made;
    throw new Error(`${to} was cut to ${made.asked} tokens, not ${tokens}: choose another folder`);
  }
  if (!existsSync(from) || !statSync(from).isDirectory()) throw new Error(`there is no folder ${from}`);
  mkdirSync(to, { recursive: true });
  const [train, ...others] = splits.map((split) => fileOf(from, split));
  for (const name of others) copyFileSync(join(from, name), join(to, name));
  const { text, ...counts } = firstLines(readFileSync(join(from, train), 'utf8'), tokens);
  writeFileSync(join(to, train), text);
  const made = { asked: tokens, ...counts };
  writeFileSync(note, `${JSON.stringify(made)}\n`);
  return made;
}
