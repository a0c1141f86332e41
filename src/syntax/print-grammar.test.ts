import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parser } from './parser.js';
import { printCstTypes, printEbnf } from './print-grammar.js';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

// Stale? npm run build && node scripts/print-grammar.mjs
test('grammar/rnnc.ebnf is what the parser accepts', () => {
  expect(read('grammar/rnnc.ebnf')).toBe(printEbnf());
});

test('cst.ts holds the types of the parser', () => {
  expect(read('src/syntax/cst.ts')).toBe(printCstTypes());
});

test('every rule of the parser is printed and every name in a rule is defined', () => {
  const text = printEbnf().replace(/\(\*.*?\*\)/g, '');
  const defined = new Set([...text.matchAll(/^(\w+)\n {2}=/gm)].map((match) => match[1]));
  for (const rule of Object.keys(parser.getGAstProductions())) expect(defined).toContain(rule);
  const bodies = text.replace(/= \/.*\/[a-z]*$/gm, '').replace(/"[^"]*"/g, '');
  const used = new Set([...bodies.matchAll(/[A-Za-z]\w*/g)].map((match) => match[0]));
  for (const name of used) expect(defined).toContain(name);
});
