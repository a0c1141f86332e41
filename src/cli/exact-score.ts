/**
 * What a program of integer products gets on a stream, bit by bit as its C computes it: an engine does not round the
 * vectors, so its perplexity is another one.
 */
import { exactSteps, isExactPlan } from '../lower/exact-steps.js';
import type { Emit, Model } from '../model/model.js';
import type { LoadedWeights } from './build-folder.js';
import { emittedPlan, emittedWeights } from './emit-model.js';

/** Perplexity of each id given those before it, the first one as context; undefined where bits may differ. */
export function exactPerplexity(
  model: Model,
  emit: Emit,
  loaded: Pick<LoadedWeights, 'weights' | 'trained' | 'sample'>,
  ids: Iterable<number>,
): number | undefined {
  const plan = emittedPlan(model, loaded.weights, emit);
  const weights = emittedWeights(plan, emit, loaded);
  const [input, output] = [plan.inputs[0], plan.outputs[0]];
  const streams = plan.inputs.length === 1 && plan.outputs.length === 1 && plan.maxSteps === undefined;
  if (emit.activation === 'exact' || !isExactPlan(plan, emit.activation)) return undefined;
  if (!streams || input?.kind !== 'ids' || output?.perStep !== true) return undefined;
  const step = exactSteps(plan, weights, emit.activation);
  let state: readonly Float32Array[] = plan.states.map(({ width }) => new Float32Array(width));
  let logits: Float32Array | undefined;
  let [nats, count] = [0, 0];
  for (const id of ids) {
    if (logits !== undefined) {
      nats += logSum(logits) - logits[id]!;
      count++;
    }
    const { outputs, after } = step([id], state);
    [logits, state] = [outputs[0], after];
  }
  return Math.exp(nats / count);
}

/** log of the sum of exp. */
function logSum(logits: Float32Array): number {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return most + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - most), 0));
}
