import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { dice, drawer } from '../../scripts/language/fuzz.mjs';
import { tokenize } from '../syntax/tokens.js';
import { Analyzer, analyze } from './analysis.js';

const folder = new URL('../../examples/', import.meta.url);
const corpus = readdirSync(folder)
  .filter((name) => name.endsWith('.cmp'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));
const none = (): undefined => undefined;

/** What an editor shows, with the file itself only by whether it is the right one. */
const shown = (text: string, analyzer = new Analyzer()): string =>
  JSON.stringify(analyzer.analyze('m.cmp', text, none).diagnostics, (key, value: unknown) =>
    key === 'source' ? (value as { readonly text: string }).text === text : value,
  );

it('random programs, edited at random: the same is said of each as if it were seen for the first time', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const next = dice(seed);
    const draw = drawer(next, corpus, tokenize);
    const analyzer = new Analyzer();
    let text = seed % 2 === 0 ? draw(corpus) : corpus[next(corpus.length)]!;
    for (let edit = 0; edit < 8; edit++) {
      const at = next(text.length + 1);
      const words = ['', ' ', 'x', '1', ')', '\n', '=', '  rnn9 = lstm(rnn1, 8)\n', '50%', draw(corpus).slice(0, 12)];
      text = text.slice(0, at) + words[next(words.length)]! + text.slice(at + next(3));
      expect(shown(text, analyzer), text).toBe(shown(text));
    }
  }
});

it('an import that changes is read anew', () => {
  const text = 'import "base.cmp"\nmodel m {\n  x = ids(vocab=n)\n  y = embedding(x, 4)\n  z = softmax(y, 9)\n}\n';
  const analyzer = new Analyzer();
  const found = (base: string): readonly string[] =>
    analyzer.analyze('m.cmp', text, () => base).diagnostics.map(({ code }) => code);
  expect(found('let n = 9\n')).toEqual([]);
  expect(found('let n = 9 = 9\n')).not.toEqual([]);
  expect(found('let n = 9\n')).toEqual([]);
});

it('the schemas of calls and blocks are had on demand', () => {
  const { program, schemaAt } = analyze('m.cmp', corpus[0]!, none);
  const train = program.items.find((item) => item.kind === 'block' && item.word === 'train');
  expect(train?.kind === 'block' && Object.keys(schemaAt(train.wordSpan) ?? {})).toContain('epochs');
});
