/** One setting for all gates of a layer, whatever each of them costs; worked out by hand. */
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../test/support/check-text.js';
import { explain } from '../report/explain.js';
import { summarizeRules } from './summary.js';

const program = (cell: string, rule: string): string => `model m {
  tokens = ids(vocab=50)
  embed  = embedding(tokens, 64)
  rnn1   = ${cell}
  next   = softmax(rnn1, 50)
}
compress { ${rule} }`;
const row = (cell: string, rule: string) => summarizeRules(modelOf(program(cell, rule)))[0]!;
const after = 'gru(embed, 64, reset_after=yes)';

describe('a goal over gates that cost differently', () => {
  it('gives every gate of a gru the same rank: r (192 + 192 + 128 + 2 x 64) of 24,576 / 2', () => {
    const { units, after: cost } = row(after, 'rnn1: lmf to 2x macs');
    expect(units.map(({ arguments: [r] }) => r?.value)).toEqual(['19', '19', '19']);
    expect(cost.macs).toBe(12_160);
    expect(explain(modelOf(program(after, 'rnn1: lmf to 2x macs')))).toContain(
      'rnn1: r=19 is the most within 2x macs: r=20 would give 1.92x macs',
    );
  });

  it('says what it costs that gate n is applied to input and state by themselves', () => {
    const note = 'rnn1.n: applied to the input and to the state by themselves: ';
    const told = (rule: string): string => explain(modelOf(program(after, rule)));
    expect(told('rnn1: circulant(block=4)')).toContain(`${note}6,144 multiply-adds, to both at once 3,072`);
    // U is applied twice: 8 (128 + 2 x 64); of A' and C each column once, of B 8 rows of rank 1 twice.
    expect(told('rnn1: lmf(r=8)')).toContain(`${note}2,048 multiply-adds, to both at once 1,536`);
    expect(told('rnn1: hlf(j=56)')).toContain(`${note}7,312 multiply-adds, to both at once 7,304`);
    // (B X) C^T takes 8 16 8 + 8 8 8, of which C's share is needed twice; B (X C^T) 8 16 4 + 16 8 4, nothing twice.
    expect(told('rnn1: kp(B=8x16, C=8x8)')).toContain(`${note}2,048 multiply-adds, to both at once 1,536`);
    expect(told('rnn1: kp(B=16x8, C=4x16)')).not.toContain('by themselves');
    expect(explain(modelOf(program(after, 'rnn1: prune(sparsity=50%)')))).not.toContain('by themselves');
  });

  it('never says that one more would do: what rounding leaves goes to the largest', () => {
    const { units, after: cost } = row('lstm(embed, 40)', 'rnn1.input, rnn1.recurrent: lmf to 3x');
    const [input, recurrent] = units.map(({ arguments: [r] }) => Number(r?.value));
    // 4 gates of 40x64 and 40x40: 416 and 320 parameters for each rank, 160 biases.
    const most = Math.floor((4 * 40 * 104 + 160) / 3) - 160;
    expect(416 * input! + 320 * recurrent!).toBeLessThanOrEqual(most);
    expect(416 * (input! + 1) + 320 * recurrent!).toBeGreaterThan(most);
    expect(416 * input! + 320 * (recurrent! + 1)).toBeGreaterThan(most);
    expect(cost.parameters).toBe(416 * input! + 320 * recurrent! + 160);
  });
});
