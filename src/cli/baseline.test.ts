import { expect, it } from 'vitest';
import { compile } from '../compile.js';
import { defined } from '../support/assert.js';
import { baselineOf, canHaveBaseline } from './baseline.js';
import type { Opened } from './program.js';

function openText(text: string): Opened {
  const compiled = compile(
    'm.cmp',
    () => text,
    () => undefined,
  );
  return { ...defined(compiled, 'program'), path: 'm.cmp', buildFolder: 'build/m' };
}

it('the baseline keeps the recipe, but for what is about compressed weights', () => {
  const text = `language 1
model m {
  t = ids(vocab=20)
  e = embedding(t, 16, dropout=20%)
  r = lstm(e, 16)
  n = softmax(r, 20)
}
compress { r: dkp(B=4x8, C=4x4, form=2b) to 4x }
train {
  data          = generated(order=1, vocab=20, tokens=20_000, batch=10, unroll=10)
  optimizer     = rmsprop(clip=5)
  lr            = steps([0.02, 0.01], at=[2 epochs])
  epochs        = 3
  dropout       = linear(0%, 20%, to=1 epoch)
  sparsity      = piecewise([0%, 50%], at=[0 epochs, 1 epoch, 2 epochs])
  sparsity(r)   = cubic(to=2 epochs)
  regularize    = [cmr(p=50%, until=sparsity(70%)), l2(1e-5)]
  alternate     = bcd(every=25 steps)
}`;
  const opened = openText(text);
  expect(canHaveBaseline(opened)).toBe(true);
  const { model } = baselineOf(opened);
  const { lr, dropout, optimizer, l2 } = defined(opened.model.training, 'training');
  expect(model.training).toMatchObject({ dropout, optimizer, l2, lr: { ...lr } });
  expect(model.training).toMatchObject({ alternate: undefined, cmr: undefined, sparsity: undefined });
  expect(model.pools).toEqual([]);
});

it('a rate that follows the sparsity has no baseline', () => {
  const text = `language 1
model m { t = ids(vocab=20)  e = embedding(t, 16)  n = softmax(e, 20) }
compress { n: prune(sparsity=50%) }
train {
  data   = generated(order=1, vocab=20, tokens=20_000, batch=10, unroll=10)
  epochs = 3
  lr     = linear(1.0, 0.1, to=sparsity(40%))
}`;
  const opened = openText(text);
  expect(canHaveBaseline(opened)).toBe(false);
  expect(() => baselineOf(opened)).toThrow('the baseline prunes nothing, and `lr` follows the sparsity');
});
