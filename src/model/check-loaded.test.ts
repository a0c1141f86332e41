import { expect, it } from 'vitest';
import { written } from '../../test/support/check-text.js';
import { compile } from '../compile.js';
import { applyFixes } from '../diagnostics/apply-fixes.js';
import { Diagnostics } from '../diagnostics/diagnostic.js';

const errors = (text: string): readonly string[] => {
  const found = new Diagnostics();
  expect(compile('a.cmp', (path) => (path === 'a.cmp' ? text : undefined), found.report)).toBeUndefined();
  return found.all.map(written);
};
const codes = (text: string): readonly string[] => errors(text).map((line) => line.split(': ')[0]!);

const model = `model m {
  tokens = ids(vocab=50)
  embed  = embedding(tokens, 16)
  rnn    = lstm(embed, 24)
  next   = softmax(rnn, 50)
}
`;
const train = (...lines: readonly string[]): string =>
  `train {\n  data = generated(vocab=50)\n  epochs = 8\n  ${lines.join('\n  ')}\n}\n`;

it('faults of the text and of the meaning are told in one run, in the order of the text', () => {
  const text = [
    model.replace('lstm(', 'lstn(').replace('vocab=50', 'vocab=50 dropout=3'),
    'trian {\n  data = generated(vocab=50)\n  epochs 8\n  optimiser = adam\n  seed = 1 lr = 2 x\n}',
    'emit nein {}',
  ].join('\n');
  expect(codes(text)).toEqual([
    'syntax/unexpected',
    'model/unknown-layer',
    'syntax/unknown-item',
    'syntax/unexpected',
    'model/unknown-setting',
    'syntax/unknown-unit',
    'emit/unknown-target',
  ]);
});

it.each([
  // What is defined in a line that cannot be read is not missed elsewhere.
  [model.replace('rnn    = lstm(embed, 24)', 'rnn lstm(embed, 24)'), ['syntax/unexpected']],
  [model.replace('24)', '24 9)'), ['syntax/unexpected']],
  [model.replace('vocab=50', 'vocab=0x5'), ['syntax/zero-dimension']],
  [
    `${model}compress {\n  rnn: prune(sparsity=190%)\n}\n${train('sparsity = cubic(to=4 epochs)')}`,
    ['syntax/percent-range'],
  ],
  [`${model}compress {\n  rnn prune\n}\n${train('sparsity = cubic(to=4 epochs)')}`, ['syntax/unexpected']],
  [`${model}compres {\n  rnn: dkp to 8x\n}\n${train('regularize = cmr(p=50%)')}`, ['syntax/unknown-item']],
  [`${model}qwerty {\n  rnn: dkp to 8x\n}\n${train('regularize = cmr(p=50%)')}`, ['syntax/unknown-item']],
  [`${model}train {\n  data = generated(vocab=50)\n  epochs 8\n}\n`, ['syntax/unexpected']],
  [`${model}train {\n  data = generated(vocab=50)\n  epohcs = 8\n}\n`, ['model/unknown-setting']],
  [`let n 24\n${model.replace('24', 'n')}`, ['syntax/unexpected']],
  [`let n = 1/0\n${model.replace('24', 'n')}`, ['syntax/zero-divisor']],
  [`${train()}${train('seed = 1')}${model}`, ['syntax/block-twice']],
  [`import "none.cmp"\n${train('optimiser = adam')}`, ['syntax/import-missing']],
  // What a setting that is misspelt, or cannot be read, may say is not missed.
  [`${model}emit neon {\n  budget = 40 us\n  clokc = 1.2 GHz\n}\n`, ['model/unknown-setting']],
  [`${model}emit neon {\n  budget = 40 us\n  clock = 1.2 GGHz\n}\n`, ['syntax/unknown-unit']],
  [`${model.replace('24)', '24, bidirectional=yes)')}emit c {\n  maxsteps = 50\n}\n`, ['model/unknown-setting']],
  [`${model}emit c {\n  weigths = int8\n  arithmetic = integer\n}\n`, ['model/unknown-setting']],
  // Nor is a rule that cannot be read, or the value of a sweep.
  [`${model} {\n  rnn: lmf to 5x\n}\n${train()}sweep {\n  method = [lmf, prune]\n}\n`, ['syntax/unexpected']],
  [`${model}compress {\n  rnn: lmf to 5xx\n}\n${train()}sweep {\n  rnn.to = [2x, 5x]\n}\n`, ['syntax/unknown-unit']],
  [`${model}compress {\n  rnn: lmf\n}\n${train()}sweep {\n  method = [lmf, ]\n}\n`, ['syntax/unexpected']],
])('one fault, one error: %j', (text, wanted) => {
  expect(codes(text), errors(text).join('\n')).toEqual(wanted);
});

it('a program for another language is refused with the version, and nothing else is guessed at', () => {
  expect(errors(`language 2\nmodle m <- lstm\n${train('x = 1')}`)).toEqual([
    'syntax/language-version: language 2 is not known, this rnnc reads language 1 (write `language 1`) @ 2',
  ]);
});

it.each([
  ['  rnn    = lstm', '         = lstm', 'use one of `rnn`'],
  ['lstm(', '(', 'use one of `ids`, `features`, `embedding`'],
  ['lstm(embed,', 'lstm(,', 'use one of `tokens`, `embed`'],
  ['vocab=50)\n', '=50)\n', 'use one of `vocab`'],
])('a missing name is told of with the words that are legal there: %j -> %j', (from, to, hint) => {
  const [first, ...others] = errors(model.replace(from, to));
  expect(others).toEqual([]);
  expect(first).toContain('syntax/missing-name');
  expect(first).toContain(hint);
});

it.each([
  ['lmf 2x', 'syntax/missing-to'],
  ['lmf ot 2x', 'syntax/rule-word'],
  ['lmf t 2x', 'syntax/rule-word'],
  ['lmf to 2x thn int8', 'syntax/rule-word'],
  ['lmf to 2x mcas', 'syntax/goal-word'],
])('a misspelt keyword of a rule is mended: %s', (rule, code) => {
  const found = new Diagnostics();
  compile('a.cmp', () => `${model}compress {\n  rnn: ${rule}\n}\n`, found.report);
  expect(found.all.map((d) => [d.code, d.fix !== undefined])).toEqual([[code, true]]);
});

it('a percent that stands apart and a number for a percent of a schedule come with the fix', () => {
  const found = new Diagnostics();
  const rules = 'compress {\n  rnn: dkp(B=4x5, C=6x8) to 8x\n}\n';
  const text = `${model.replace('24)', '24, dropout=50 \t%)')}${rules}${train('regularize = cmr(p=0.5)')}`;
  compile('a.cmp', () => text, found.report);
  expect(found.all.map(({ code }) => code)).toEqual(['syntax/stray-character', 'argument/number-for-percent']);
  const [fixed] = applyFixes(found.all);
  expect(fixed?.text).toBe(text.replace('50 \t%', '50%').replace('0.5', '50%'));
  expect(compile('a.cmp', () => fixed!.text, found.report)).toBeDefined();
});
