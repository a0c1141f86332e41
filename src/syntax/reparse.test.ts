import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ParsedText, parseText } from './parse.js';
import { reread } from './reparse.js';

const example = readFileSync(new URL('../../test/syntax/ptb-medium.cmp', import.meta.url), 'utf8');
/** Many statements in every block, comments in odd places, several on one line. */
const long = [
  'language 1\n\n// above\nlet a = 3 // behind\nmodel m { // opening',
  ...Array.from(
    { length: 12 },
    (_, i) => `  d${i} = dense(d${i - 1}, 16, activation=tanh)${i % 5 === 0 ? ' // last' : ''}`,
  ),
  '  // closing\n}\n/* two\n lines */ compress {',
  ...Array.from(
    { length: 8 },
    (_, i) => `${i % 3 === 0 ? '\n' : ''}  override lstm d${i}.{input,2} except d*: lmf(r=4) to 2x then int8(per=row)`,
  ),
  '}\ntrain { data = text("x", batch=2, unroll=3) epochs = 6 lr = 0.5 seed = 1 epochs = 2 lr = 1/2 seed = 3',
  '  lr = steps(1, 2) sparsity(d1) = cubic(from=2 epochs, to=5 epochs) init = uniform(0.1) }',
  'emit neon { cpu = cortex-a73 }',
  '',
].join('\n');

/** A small generator of its own, so that every run tries the same texts. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const put = [
  ...['', '', '', ' ', '\n', 'x', '1', 'é', ';', '(', ')', '{', '}', '[', ']', '=', ':', ',', '.', '*', '/', '"'],
  ...['//', '/*', '*/', ' to 2x', ' macs', 'train', '\ntrain {', 'model', '\nlet b = 2\n', 'except', ' 6 epochs'],
  ...['150%', '1/0', 'x = dense(d1, 8)\n', '\n  d3: lmf(r=2)', '= ', ': ', 'then ', '(((', '"a\\q"', '10/3x', '\n}\n'],
];

/** A text as people change it: mostly a letter or a word, sometimes a line. */
function edited(text: string, next: (below: number) => number): string {
  const at = next(text.length + 1);
  const length = next(3) > 0 ? next(3) : next(40);
  const line = next(8) === 0 ? text.slice(next(text.length)).split('\n', 1)[0]! : put[next(put.length)]!;
  return text.slice(0, at) + line + text.slice(at + length);
}

const bySpan = (a: { span: { start: number; end: number } }, b: { span: { start: number; end: number } }): number =>
  a.span.start - b.span.start || a.span.end - b.span.end;

const sorted = (value: object): object =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

/** All there is to know, the file itself only by whether it is the right one. */
const told = ({ program, faults }: ParsedText, source: object): string =>
  JSON.stringify({ program: { ...program, gaps: [...program.gaps].sort(bySpan) }, faults }, (key, value: unknown) => {
    if (key === 'source') return value === source;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? sorted(value) : value;
  });

/** What was read is what is there; else the text, and the first places that differ. */
function agree(read: ParsedText, source: { readonly path: string; readonly text: string }): void {
  const [one, other] = [told(read, source), told(parseText(source), source)];
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const near = (text: string): string => text.slice(Math.max(0, at - 80), at + 80);
  if (one !== other) throw new Error([source.text, near(one), near(other)].join('\n----\n'));
}

test('a text read after an edit is the text read whole, however often it is edited and however broken it is', () => {
  let [near, all] = [0, 0];
  for (let seed = 1; seed <= 14; seed++) {
    const next = random(seed * 7919);
    let text = seed % 3 === 0 ? example : long;
    let before = parseText({ path: 'a.cmp', text });
    for (let edit = 0; edit < 20; edit++) {
      // Now and then the text is whole again.
      text = next(9) === 0 ? long : edited(text, next);
      const source = { path: 'a.cmp', text };
      const read = reread(before, source);
      all++;
      if (read !== undefined) {
        near++;
        agree(read, source);
      }
      before = read ?? parseText(source);
    }
  }
  expect(near / all).toBeGreaterThan(0.2);
});

test('each letter of a program typed, and taken back', () => {
  const typed = '  new = lstm(d3, 20, dropout=50%) // and so on\n';
  const at = long.indexOf('  d5 =');
  let before = parseText({ path: 'a.cmp', text: long });
  let near = 0;
  const lengths = Array.from({ length: typed.length + 1 }, (_, i) => i);
  for (const length of [...lengths, ...lengths.reverse()]) {
    const source = { path: 'a.cmp', text: long.slice(0, at) + typed.slice(0, length) + long.slice(at) };
    const read = reread(before, source);
    before = read ?? parseText(source);
    if (read === undefined) continue;
    near++;
    agree(read, source);
  }
  expect(near).toBeGreaterThan(typed.length * 1.5);
});

test('texts of which no part tells are read whole', () => {
  const at = (text: string): ParsedText => parseText({ path: 'a.cmp', text });
  const after = (from: string, to: string): ParsedText | undefined =>
    reread(at(long), { path: 'a.cmp', text: long.replace(from, () => to) });
  expect(after('d6 = dense(d5', 'd6 = dense(d4')).toBeDefined();
  expect(after('d6 = dense(d5', 'd6 = dense(d5 /*')).toBeUndefined();
  expect(after('  d6 = dense', '} d6 = dense')).toBeUndefined();
  expect(after('language 1', 'language 2')).toBeUndefined();
  expect(reread(at(`${long} /* never closed`), { path: 'a.cmp', text: long })).toBeUndefined();
});
