/** Every method over every recurrent cell: the plan of the emitted program against the prediction graph, and sizes. */
import { describe, expect, it } from 'vitest';
import { trainedKept } from '../src/lower/inference-kept.js';
import { planSummary } from '../src/lower/inference-summary.js';
import { summarize, totals } from '../src/model/summary.js';
import { modelOf } from './support/check-text.js';
import { planDistance, planOf, prunedWeights } from './support/program-checks.js';

const cells = ['rnn(x, 12)', 'rnn(x, 12, activation=relu)', 'gru(x, 12)', 'gru(x, 12, reset_after=yes)', 'lstm(x, 12)'];

/** Rules of one layer with 8 inputs and 12 units; the cut between input and state falls inside blocks and digits. */
const rules = [
  [],
  ['rnn: dense()'],
  ['rnn: prune(sparsity=60%)'],
  ['rnn: lmf(r=3)'],
  ['rnn: hlf(j=4, k=2)'],
  ['rnn: kp(B=4x4, C=3x5)'],
  ['rnn: dkp(B=3x5, C=4x4, sparsity=70%)'],
  ['rnn: hkp(rows=4, B=2x4, C=4x5)'],
  ['rnn: circulant(block=5)'],
  ['rnn: tt(shapes=[2x2, 2x5, 3x2], ranks=2)'],
  ['rnn: lmf() to 2x'],
  ['rnn: dkp() to 3x'],
  ['rnn: hlf() to 2x macs'],
  ['rnn.input: lmf(r=2)', 'rnn.recurrent: hlf(j=2)'],
  ['rnn.input: prune(sparsity=50%)'],
  ['rnn: prune(sparsity=50%, block=4x1)'],
  ['rnn: dkp(B=3x5, C=4x4, sparsity=70%, block=4x4, form=2b)'],
  ['rnn: kp(2x2, 2x5, 3x2)'],
  ['rnn.recurrent: kp(B=3x3, C=4x4)'],
] as const;

const program = (cell: string, rule: readonly string[]): string => `language 1
model tiny {
  x   = features(8)
  rnn = ${cell}
  out = dense(rnn, 3)
}
compress {
${rule.map((line) => `  ${line}\n`).join('')}}
`;

describe.each(cells)('%s', (cell) => {
  it.each(rules.map((rule) => [rule.join('; ') || 'no rule', rule] as const))('%s', (_, rule) => {
    const model = modelOf(program(cell, rule));
    const { weights } = prunedWeights(model, 5);
    const plan = planOf(model, weights);
    expect(planDistance(model, plan, weights, 4)).toBeLessThan(1e-12);
    const { after } = totals(summarize(model, trainedKept(model, weights)));
    const { weightBytes, multiplyAdds } = planSummary(plan);
    expect(after.bytes).toBe(weightBytes);
    expect(after.macs).toBe(multiplyAdds);
  });
});
