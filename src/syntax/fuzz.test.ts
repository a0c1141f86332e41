import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { printDiagnostic } from '../diagnostics/print.js';
import { dumpAst } from './dump.js';
import { parse } from './parse.js';
import { printProgram } from './print.js';

const example = readFileSync(new URL('../../test/syntax/ptb-medium.cmp', import.meta.url), 'utf8');

/** A small generator of its own, so that every run tries the same texts. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const words = [
  ...'model compress train emit sweep language import let override except then together to macs fewer'.split(' '),
  ...'from yes no rnn1 rnn* * lstm a b-c 2a é ( ) [ ] { } , . : = / % ; \\ ` - // /* */ " "x" "a\\q" \0'.split(' '),
  ...'1 0 1.5 1e9 1e999 2x 0x 3x4 3x0 10/3x 1/0 50% 150% -3 -5% 1 MB,2 foos,6 epochs'.split(','),
  ...['\n', '\n', '\n', '\r\n', '\t', ' ', '\uFEFF', '\u00A0', '\uD800', '😀'],
];

/** What must hold for every text. */
function holds(text: string): void {
  const diagnostics = new Diagnostics();
  const source = { path: 'fuzz.cmp', text };
  const program = parse(source, diagnostics.report);
  expect(program.kind).toBe('program');
  expect(diagnostics.all.length).toBeLessThanOrEqual(51);
  let last = 0;
  for (const d of diagnostics.all) {
    const { start, end } = d.span;
    if (!(start >= last && start <= end && end <= text.length)) throw new Error(`span ${start}-${end} of ${text}`);
    last = start;
    expect(printDiagnostic(d)).toContain(d.code);
  }
  const printed = printProgram(program);
  expect(dumpAst(program)).toMatch(/^program/);
  if (diagnostics.all.length > 0) return;
  const again = new Diagnostics();
  const second = parse({ path: 'again.cmp', text: printed }, again.report);
  expect(again.all).toEqual([]);
  expect(dumpAst(second)).toBe(dumpAst(program));
  expect(printProgram(second)).toBe(printed);
}

test('a soup of tokens', () => {
  for (let seed = 1; seed <= 150; seed++) {
    const next = random(seed);
    const glue = [' ', '', '\n'][seed % 3]!;
    holds(Array.from({ length: next(40) }, () => words[next(words.length)]).join(glue));
  }
});

test('the example cut off anywhere', () => {
  const next = random(7);
  for (let i = 0; i < 100; i++) holds(example.slice(0, next(example.length)));
  for (let i = 0; i < 30; i++) holds(example.slice(next(example.length)));
});

test('the example with characters and words changed, dropped and put in', () => {
  for (let seed = 1; seed <= 120; seed++) {
    const next = random(seed * 31);
    let text = example;
    for (let edits = 1 + next(5); edits > 0; edits--) {
      const at = next(text.length);
      const length = next(3) === 0 ? next(60) : next(3);
      const put = next(2) === 0 ? '' : words[next(words.length)]!;
      text = text.slice(0, at) + put + text.slice(at + length);
    }
    holds(text);
  }
});

test('one dropped character of the example gives few errors', () => {
  const next = random(3);
  const found: number[] = [];
  for (let i = 0; i < 120; i++) {
    const at = next(example.length);
    const diagnostics = new Diagnostics();
    parse({ path: 'a.cmp', text: example.slice(0, at) + example.slice(at + 1) }, diagnostics.report);
    found.push(diagnostics.all.length);
  }
  expect(Math.max(...found)).toBeLessThanOrEqual(2);
});
