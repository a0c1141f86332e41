/** Measures how long a split takes to be scored: a run spends that time at the end of every epoch. */
import { performance } from 'node:perf_hooks';
import type { Split } from '../data/corpus.js';
import type { Weights } from '../tensor/tensor.js';
import { type EvaluatorRequest, openEvaluator } from './split-evaluator.js';

export interface EvaluationSpeedRequest extends EvaluatorRequest {
  readonly split: Split;
  /** Of the model, by path; which values they have does not matter. */
  readonly weights: Weights;
  /** Scoring ends when this much time is gone; at least one piece of the split after the first is scored. */
  readonly forSeconds: number;
}

/** Seconds for one token of a split, which must be there; its first piece is not counted where others follow. */
export async function measureEvaluation(request: EvaluationSpeedRequest): Promise<number> {
  const { split, weights, forSeconds } = request;
  const evaluator = await openEvaluator(request);
  try {
    evaluator.setWeights(weights);
    const began = { tokens: 0, at: performance.now() };
    let [first, last] = [began, began];
    const progress = (tokens: number): void => {
      last = { tokens, at: performance.now() };
      if (first === began) first = last;
    };
    const shouldStop = (): boolean => last !== first && performance.now() - first.at >= forSeconds * 1000;
    await evaluator.score(split, { progress, shouldStop });
    const from = last === first ? began : first;
    return (last.at - from.at) / 1000 / (last.tokens - from.tokens);
  } finally {
    await evaluator.close();
  }
}
