/** The numbers of a run's log as TensorBoard has them: a tag, a step, a value. */
import type { Scalar } from '../targets/tensorboard/encode-events.js';
import type { MetricsLine } from './metrics.js';

/** Names that TensorBoard groups by what is before the slash. */
const tags: Readonly<Record<string, string>> = {
  loss: 'train/loss',
  perplexity: 'train/perplexity',
  train_perplexity: 'epoch/train_perplexity',
  valid_perplexity: 'epoch/valid_perplexity',
  test_perplexity: 'epoch/test_perplexity',
  valid_accuracy: 'epoch/valid_accuracy',
  valid_f1: 'epoch/valid_f1',
  test_accuracy: 'epoch/test_accuracy',
  test_f1: 'epoch/test_f1',
  sparsity: 'schedule/sparsity',
  lr: 'schedule/lr',
  gradient_norm: 'train/gradient_norm',
  tokens_per_second: 'speed/tokens_per_second',
  seconds: 'speed/epoch_seconds',
};

/** Every number of every line that is measured; rates and sparsity once a step. */
export function scalarsOf(lines: readonly MetricsLine[]): Scalar[] {
  return lines.flatMap((line) =>
    Object.entries(line).flatMap(([name, value]) => {
      const tag = tags[name];
      const isTwice = line.kind === 'epoch' && (name === 'lr' || name === 'sparsity');
      return tag === undefined || isTwice || typeof value !== 'number' ? [] : [{ tag, step: line.step, value }];
    }),
  );
}
