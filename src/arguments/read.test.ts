import { expect, it } from 'vitest';
import { checkText } from '../../test/support/check-text.js';

const told = (rate: string): readonly string[] =>
  checkText(`model m {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 4)
  rnn    = lstm(embed, 4)
  next   = softmax(rnn, 9)
}
train {
  data   = generated(vocab=9, tokens=2000)
  lr     = ${rate}
  epochs = 3
}`).all.map(({ code }) => code);

it.each([
  ['piecewise([0.1, 0.05], [1 epoch, 2 epochs])', ['argument/too-many']],
  ['steps([0.1, 0.05], every=1 epoch)', ['argument/unknown']],
  ['steps([0.1, 0.05])', ['argument/missing']],
])('%s: what has no place is not told as missing too', (rate, codes) => {
  expect(told(rate)).toEqual(codes);
});
