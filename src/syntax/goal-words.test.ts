import { describe, expect, it } from 'vitest';
import { checkText, medium, written } from '../../test/support/check-text.js';

const errors = (text: string): readonly string[] => checkText(text).all.map(written);

describe('words behind a goal', () => {
  const mcas = 'syntax/goal-word: `mcas` is no part of a goal (did you mean `macs`?) @ mcas';
  it.each([
    ['rnn1: lmf to 2x mcas', mcas],
    ['rnn1: lmf to 2x mcas\n  rnn2: prune to 2x', mcas],
    ['rnn1: lmf to 2x fewer mcas', mcas],
    ['rnn1: lmf to 2x mcas together', mcas],
    [
      'rnn1: lmf to 2x macs togther',
      'syntax/goal-word: `togther` is no part of a goal (did you mean `together`?) @ togther',
    ],
    [
      'rnn1: lmf to 400 KB please',
      'syntax/goal-word: `please` is no part of a goal (a goal ends with `macs`, `fewer macs`, `together`, a number ' +
        'format stands behind `then`) @ please',
    ],
  ])('%s', (rules, error) => expect(errors(medium(rules))).toEqual([error]));

  it('the next rule on the same line is no such word', () => {
    expect(errors(medium('rnn1: lmf to 2x rnn2: prune to 2x'))).toEqual([]);
    expect(errors(medium('rnn1: lmf to 2x macs rnn2.input, rnn2.recurrent: prune to 2x'))).toEqual([]);
    expect(errors(medium('rnn1: lmf to 2x lstm rnn2: prune to 2x'))).toEqual([]);
  });
});

describe('one mistake, one error', () => {
  const program = (lines: string, vocabulary = 50): string => `model m {
  tokens = ids(vocab=${vocabulary})
  embed = embedding(tokens, 8)
  rnn1 = lstm(embed, 8)
  ${lines}
  next = softmax(rnn2, 50)
}
compress { rnn2: prune(sparsity=90%) }
train { data = generated(vocab=50, tokens=20_000)  epochs = 1 }`;

  it('a layer named by a word of the language', () => {
    expect(errors(program('except = lstm(rnn1, 8)\n  rnn2 = lstm(rnn1, 8)'))).toEqual([
      'syntax/reserved-word: `except` is a word of the language, not a name (use another name, such as ' +
        '`except_`) @ except',
    ]);
  });
  it('a wrong vocabulary of the input', () => {
    expect(errors(program('rnn2 = lstm(rnn1, 8)', 1051))).toEqual([
      'train/vocabulary-of-input: the input `tokens` has 1,051 ids, its source and its softmax have 50 ' +
        '(write `vocab=50`) @ tokens = ids(vocab=1051)',
    ]);
  });
  it('a layer that is defined twice, the second meant to be another', () => {
    expect(errors(program('rnn1 = lstm(rnn1, 8)'))).toEqual([
      'model/duplicate-name: `rnn1` is defined twice (rename one of the two) @ rnn1',
    ]);
  });
  it('a rule that stores more than dense warns once', () => {
    const all = errors(program('rnn2 = lstm(rnn1, 8)').replace('rnn2: prune(sparsity=90%)', 'rnn1, rnn2: lmf(r=8)'));
    expect(all).toEqual([
      'lmf/more-than-dense: `lmf` stores 768 values for rnn1, the dense matrix only 512 ' +
        '(choose smaller arguments, or leave rnn1 dense) @ lmf(r=8)',
    ]);
  });
});
