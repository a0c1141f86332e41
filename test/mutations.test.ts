/**
 * A sample of `npm run check:mutations`: words of right programs misspelt or left out, one at a time. None passes in
 * silence, and nearly all are refused with the word that was meant.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { judgeWith } from '../scripts/language/judge.mjs';
import { mutationsOf } from '../scripts/language/mutate.mjs';
import { exceededBudgets } from '../src/cli/budget.js';
import { type Compiled, compile } from '../src/compile.js';
import { applyFixes } from '../src/diagnostics/apply-fixes.js';
import { difference } from '../src/report/difference.js';
import { tokenize } from '../src/syntax/tokens.js';

const folder = resolve(import.meta.dirname, '../examples');
const files = readdirSync(folder).filter((name) => name.endsWith('.cmp'));
const judge = judgeWith({ compile, applyFixes, difference, exceededBudgets });
const every = 67;

it('a sample of mutations of every example', () => {
  const told: string[] = [];
  let [words, suggested] = [0, 0];
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    const { program, model } = compile(
      'model.cmp',
      () => text,
      () => {},
    ) as Compiled;
    const mutations = mutationsOf(text, { tokenize, program });
    for (let i = file.length % every; i < mutations.length; i += every) {
      const mutation = mutations[i]!;
      const { outcome, errors, said } = judge({ text, model }, mutation);
      const { kind, how, word, put } = mutation;
      const line = `${file}: ${kind} ${how}: ${word} -> ${put}: ${outcome} ${said.join('; ')}`;
      if (['silent', 'another', 'no place'].includes(outcome) || errors > 1) told.push(line);
      if (how === 'left out' || !['suggested', 'refused'].includes(outcome)) continue;
      words++;
      if (outcome === 'suggested') suggested++;
    }
  }
  expect(told).toEqual([]);
  expect(suggested / words).toBeGreaterThanOrEqual(0.95);
});

it('a line of `compress` that is left out changes `rnnc diff`', () => {
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    const { program, model } = compile(
      'model.cmp',
      () => text,
      () => {},
    ) as Compiled;
    const rules = mutationsOf(text, { tokenize, program }).filter(({ kind }) => kind === 'rule');
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) {
      // Training that is about the rule may be refused without it.
      expect(['told apart', 'refused']).toContain(judge({ text, model }, rule).outcome);
    }
  }
});
