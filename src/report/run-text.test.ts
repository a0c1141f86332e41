/** Which products of a program are said to run a block of steps at once, and why others are not. */
import { expect, it } from 'vitest';
import { modelOf } from '../../test/support/check-text.js';
import { lowerInference } from '../lower/inference.js';
import type { NumberFormat } from '../tensor/number-format.js';
import { runForm, runText } from './run-text.js';

const int8: NumberFormat = { kind: 'integer', word: 'int8', per: { kind: 'row' }, arithmetic: 'integer' };
const waits = 'step by step, as they wait for the step before';
const shared =
  'step by step, as codes of input and state share a scale, which rules for `.input` and `.recurrent` would';
const joined = 'step by step, as one matrix meets input and state, which rules for `.input` and `.recurrent` would';

it.for<readonly [rule: string, lines: readonly string[], format?: NumberFormat]>([
  ['', ['all steps at once: rnn 20x7', `${waits}: rnn 20x5`]],
  ['rnn: prune(sparsity=50%)', [`${joined} store apart: rnn 20x12 sliced`]],
  ['rnn.input: prune(sparsity=50%, block=4x1)', ['all steps at once: rnn 20x7 sparse', `${waits}: rnn 20x5`]],
  ['rnn: kp(B=5x3, C=4x4)', ['step by step, as they have no kernel for many steps: rnn 5x3 (x) 4x4']],
  ['', [`${shared} give to each: rnn 20x12 of integers`], int8],
  [
    'rnn.input: dense  rnn.recurrent: dense',
    ['all steps at once: rnn 20x7 of integers', `${waits}: rnn 20x5 of integers`],
    int8,
  ],
  [
    'rnn.input: prune(sparsity=50%)  rnn.recurrent: dense',
    [`${waits}: rnn 20x5 of integers`, 'step by step, as they have no kernel for many steps: rnn 20x7 of integers'],
    int8,
  ],
])('%s', ([rule, expected, format]) => {
  const compress = rule === '' ? '' : `compress { ${rule} }`;
  const model = modelOf(`language 1\nmodel m {\n x = features(7)\n rnn = lstm(x, 5)\n}\n${compress}`);
  const plan = lowerInference(model, format === undefined ? {} : { formatOf: () => format });
  const said = runText(runForm(plan)).map((line) => line.trim());
  expect(said.filter((line) => /^all steps|^step by/.test(line))).toEqual(expected);
});
