import { describe, expect, it } from 'vitest';
import type { TrainEvent } from '../train/events.js';
import { bar, progressLine, summaryLine } from './progress.js';

const step: Extract<TrainEvent, { kind: 'step' }> = {
  kind: 'step',
  step: 1990,
  steps: 51_753,
  epoch: 2,
  epochs: 39,
  stepInEpoch: 663,
  stepsPerEpoch: 1327,
  loss: 5.1234,
  perplexity: 167.9,
  sparsity: 0,
  lr: 1 / 1.2,
  gradientNorm: 3.4,
  tokensPerSecond: 1623.4,
  secondsLeft: 21_480,
};

describe('progress', () => {
  it('draws bars', () => {
    expect([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(7, 4)]).toEqual(['[....]', '[##..]', '[####]', '[####]']);
  });
  it('of a step', () => {
    expect(progressLine(step)).toBe(
      'epoch 2/39 [##########..........]  step 1,990/51,753  loss 5.123  perplexity 167.90  lr 0.8333  ' +
        '1,623 tokens/s  5 h 58 min left',
    );
    const later = progressLine({ ...step, sparsity: 0.9629, lr: 1e-5, perplexity: 123_456 });
    expect(later).toContain('perplexity 123,456  sparsity 96.3%  lr 1.00e-5');
    expect(progressLine({ ...step, perplexity: Number.MAX_VALUE })).toContain('perplexity 1.80e+308');
  });
  it('of an evaluation', () => {
    expect(progressLine({ kind: 'evaluating', split: 'valid', done: 350, total: 1000 })).toBe(
      'valid [#######.............]  350/1,000 tokens',
    );
  });
  it('leaves one line for what is worth keeping', () => {
    const start = {
      kind: 'start',
      epochs: 3,
      stepsPerEpoch: 1327,
      droppedTokens: 689,
      parameters: 19_780_400,
      memory: 412_000_000,
      resumedAt: undefined,
    } as const;
    expect(summaryLine(start)).toBe(
      'training, 19,780,400 values, 3 epochs of 1,327 steps (3,981), 689 tokens at the tail left out, ' +
        'about 412 MB of memory',
    );
    expect(summaryLine({ ...start, resumedAt: 1200, droppedTokens: 0 })).toBe(
      'resumed at step 1,200, 19,780,400 values, 3 epochs of 1,327 steps (3,981), about 412 MB of memory',
    );
    expect(
      summaryLine({
        kind: 'epoch',
        epoch: 2,
        epochs: 3,
        trainPerplexity: 201.456,
        valid: { perplexity: 180.2, nats: Math.log(180.2), tokens: 9 },
        sparsity: 0.5,
        lr: 1,
        seconds: 754,
        kept: true,
      }),
    ).toBe('epoch 2/3  train 201.46  valid 180.20  sparsity 50.0%  lr 1  12 min 34 s  kept');
    expect(summaryLine({ kind: 'test', epoch: 3, test: { perplexity: 114.5, nats: Math.log(114.5), tokens: 9 } })).toBe(
      'test 114.50 with the weights of epoch 3',
    );
    expect(summaryLine({ kind: 'notice', message: 'x' })).toBe('note: x');
    expect(summaryLine({ kind: 'warning', message: 'x', hint: 'do y' })).toBe('warning: x; do y');
    expect([summaryLine(step), summaryLine({ kind: 'checkpoint', step: 1, path: 'p' })]).toEqual([
      undefined,
      undefined,
    ]);
    expect(progressLine(start)).toBeUndefined();
  });
});
