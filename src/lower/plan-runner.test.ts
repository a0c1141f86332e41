import { describe, expect, it } from 'vitest';
import { fillUniform, streamKey } from '../tensor/random.js';
import { lowerInference } from './inference.js';
import { PlanRunner } from './plan-runner.js';
import { modelOf, weightsOf } from './test-support.js';

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

describe('a whole float32 step', () => {
  it.each([
    [5, 1],
    [64, 0.2],
    [200, 0.1],
    [650, 0.05],
  ])('of an lstm of %i units stays within its bound, and the bound within 1,000 times the error', (units, bound) => {
    const model = modelOf([
      { name: 'x', word: 'features', args: { width: units } },
      { name: 'rnn', word: 'lstm', inputs: ['x'], args: { units } },
      { name: 'next', word: 'softmax', inputs: ['rnn'], args: { classes: 100 } },
    ]);
    const weights = weightsOf(model, bound, () => 0);
    const data = (path: string) => weights.get(path)!.data;
    const plan = lowerInference(model);
    const runner = new PlanRunner(plan, weights, { activation: 'exact', bounded: true });
    let [h, c]: [Float32Array, Float32Array] = [new Float32Array(), new Float32Array()];
    let [seen, allowed] = [0, 0];
    for (let step = 0; step < 3; step++) {
      const x = new Float32Array(units);
      fillUniform(x, 1, streamKey(1, 'x', step));
      // The bound is that of one step: both sides start from the same floats.
      [h, c] = plan.states.map((state) => Float32Array.from(runner.now(state).values)) as [Float32Array, Float32Array];
      const output = runner.step([x])[0]!;
      const z = affine(data('rnn.W'), data('rnn.bias'), [...x, ...h]);
      const gate = (k: number, j: number) => z[k * units + j]!;
      c = c.map((v, j) => f(f(sigmoid(gate(1, j)) * v) + f(sigmoid(gate(0, j)) * tanh(gate(2, j)))));
      h = c.map((v, j) => f(sigmoid(gate(3, j)) * tanh(v)));
      affine(data('next.W'), data('next.bias'), h).forEach((v, i) => {
        const error = Math.abs(v - output.values[i]!);
        expect(error).toBeLessThanOrEqual(output.errors[i]!);
        seen = Math.max(seen, error);
        allowed = Math.max(allowed, output.errors[i]!);
      });
      runner.advance('exactly');
    }
    expect(allowed).toBeLessThanOrEqual(1000 * seen);
  });
});
