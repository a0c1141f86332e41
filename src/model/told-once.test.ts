import { describe, expect, it } from 'vitest';
import { checkText } from '../../test/support/check-text.js';

const program = (layers: string, rule: string): string => `model m {
  tokens = ids(vocab=31)
  embed  = embedding(tokens, 18)
  ${layers}
  next   = softmax(rnn, 31)
}
compress { ${rule} }`;
const told = (layers: string, rule: string) =>
  checkText(program(layers, rule)).all.map(({ code, message }) => `${code}: ${message}`);
const gru = 'rnn = gru(embed, 17)';

describe('one mistake is one error', () => {
  it.each([
    ['prune(block=4x1) to 5x', 'prune/block: blocks of 4x1 do not fill the matrix of rnn.r: 17x35'],
    ['kp(B=2x3, C=4x5)', 'kp/shapes: B=2x3 and C=4x5 make 8x15, but rnn.r is 17x35'],
    ['hlf(j=20, k=2)', 'hlf/too-many-rows: j + k = 22 is more than the 17 rows of the 17x35 matrix of rnn.r'],
    ['dkp(B=2x3, C=4x5) to 5x', 'dkp/shapes: B=2x3 and C=4x5 make 8x15, but rnn.r is 17x35'],
  ])('for the gates of a gru: %s', (rule, error) => {
    expect(told(gru, `rnn: ${rule}`)).toEqual([error]);
  });

  it('for layers of one shape', () => {
    const same = 'first = lstm(embed, 18)  rnn = lstm(first, 18)';
    expect(told(same, 'first, rnn: lmf(r=19)')).toHaveLength(1);
    expect(told(same, 'first, rnn: lmf to 500x')).toHaveLength(1);
    expect(told(same, 'first, rnn: lmf(r=2) to 500x')).toHaveLength(1);
  });

  it('but for each shape of layers, whose legal arguments differ', () => {
    expect(told('first = lstm(embed, 9)  rnn = lstm(first, 18)', 'first, rnn: lmf(r=19)')).toHaveLength(2);
  });

  it('for two rules, two errors', () => {
    expect(told(gru, 'rnn.input: lmf(r=40)  rnn.recurrent: lmf(r=41)')).toHaveLength(2);
  });
});
