import { expect, it } from 'vitest';
import { scalarsOf } from './scalars.js';

it('every measure of labelled examples has its tag', () => {
  const scalars = scalarsOf([
    {
      ...{ kind: 'epoch', step: 5, epoch: 1, train_perplexity: 3, valid_perplexity: 4, valid_accuracy: 0.5 },
      ...{ valid_f1: 0.25, sparsity: 0, lr: 1, seconds: 2, kept: true },
    },
    { kind: 'test', step: 9, epoch: 2, test_perplexity: 5, test_accuracy: 0.75, test_f1: 0.125 },
  ]);
  expect(scalars.filter(({ tag }) => /accuracy|f1/.test(tag))).toEqual([
    { tag: 'epoch/valid_accuracy', step: 5, value: 0.5 },
    { tag: 'epoch/valid_f1', step: 5, value: 0.25 },
    { tag: 'epoch/test_accuracy', step: 9, value: 0.75 },
    { tag: 'epoch/test_f1', step: 9, value: 0.125 },
  ]);
});
