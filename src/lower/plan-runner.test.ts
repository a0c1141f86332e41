import { describe, expect, it } from 'vitest';
import { fillUniform, streamKey } from '../tensor/random.js';
import { lowerInference } from './inference.js';
import { PlanRunner } from './plan-runner.js';
import { modelOf, type WrittenLayer, weightsOf } from './test-support.js';

const f = Math.fround;
const sigmoid = (x: number): number => f(1 / f(1 + f(Math.exp(-x))));
const tanh = (x: number): number => f(Math.tanh(x));

/** bias + W x in float32, one chain per row. */
function affine(W: Float32Array, bias: Float32Array, x: ArrayLike<number>): Float32Array {
  return bias.map((start, row) => {
    let sum = start;
    for (let k = 0; k < x.length; k++) sum = f(sum + f(W[row * x.length + k]! * x[k]!));
    return sum;
  });
}

/** h and c of an lstm in float32. */
function cell(z: Float32Array, c: Float32Array): Float32Array {
  const n = c.length;
  const next = c.map((v, j) => f(f(sigmoid(z[n + j]!) * v) + f(sigmoid(z[j]!) * tanh(z[2 * n + j]!))));
  return next.map((v, j) => f(sigmoid(z[3 * n + j]!) * tanh(v)));
}

/** `x`, then lstms `rnn1`, `rnn2`, ..., then `next`. */
function stack(units: number, layers: number): readonly WrittenLayer[] {
  const names = Array.from({ length: layers }, (_, i) => `rnn${i + 1}`);
  return [
    { name: 'x', word: 'features', args: { width: units } },
    ...names.map((name, i) => ({ name, word: 'lstm', inputs: [names[i - 1] ?? 'x'], args: { units } })),
    { name: 'next', word: 'softmax', inputs: [names.at(-1)!], args: { classes: 100 } },
  ];
}

describe('a whole float32 step', () => {
  it.each([
    [5, 1, 1],
    [64, 2, 0.2],
    [200, 2, 0.1],
    [650, 1, 0.05],
    [650, 2, 0.05],
  ])(
    'of %i units in %i layers stays within its bound, which is within 1,000 times the error',
    (units, layers, init) => {
      const model = modelOf(stack(units, layers));
      const weights = weightsOf(model, init, () => 0);
      const data = (path: string) => weights.get(path)!.data;
      const plan = lowerInference(model);
      const runner = new PlanRunner(plan, weights, { activation: 'exact', bounded: true });
      let [seen, allowed] = [0, 0];
      for (let step = 0; step < 3; step++) {
        const x = new Float32Array(units);
        fillUniform(x, init, streamKey(1, 'x', step));
        // The bound is that of one step: both sides start from the same floats.
        const state = plan.states.map((s) => Float32Array.from(runner.now(s).values));
        const output = runner.step([x])[0]!;
        let h: Float32Array = x;
        for (let i = 0; i < layers; i++) {
          const name = `rnn${i + 1}`;
          h = cell(affine(data(`${name}.W`), data(`${name}.bias`), [...h, ...state[2 * i]!]), state[2 * i + 1]!);
        }
        affine(data('next.W'), data('next.bias'), h).forEach((v, i) => {
          const error = Math.abs(v - output.values[i]!);
          expect(error).toBeLessThanOrEqual(output.errors[i]!);
          seen = Math.max(seen, error);
          allowed = Math.max(allowed, output.errors[i]!);
        });
        runner.advance('exactly');
      }
      expect(allowed).toBeLessThanOrEqual(1000 * seen);
    },
  );
});
