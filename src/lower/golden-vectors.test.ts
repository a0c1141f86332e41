import { describe, expect, it } from 'vitest';
import { modelOf as textModel } from '../../test/support/check-text.js';
import { prunedWeights } from '../../test/support/program-checks.js';
import type { Model } from '../model/model.js';
import type { Weights } from '../tensor/tensor.js';
import { type GoldenVectors, goldenVectors } from './golden-vectors.js';
import { lowerInference } from './inference.js';
import { runPlan } from './plan-runner.js';
import { sequenceLengths } from './run-lengths.js';
import { modelOf, type WrittenUnit, weightsOf } from './test-support.js';

const units: Readonly<Record<string, readonly WrittenUnit[]>> = {
  dense: [{ method: 'dense' }],
  dkp: [{ method: 'dkp', args: { B: [3, 5], C: [4, 4], sparsity: { percent: 90 } } }],
  'split and mixed': [
    { suffix: '.input.i', gates: [0], blocks: [0], method: 'lmf', args: { r: 2 } },
    { suffix: '.input', gates: [1, 2, 3], blocks: [0], method: 'hlf', args: { j: 3, k: 1 } },
    { suffix: '.recurrent', blocks: [1], method: 'prune', args: { sparsity: { percent: 80 } } },
  ],
  stacked: [{ method: 'kp', args: { B: [12, 5], C: [4, 4], layout: 'stacked' }, stacked: true }],
};
const kept = 61;
const [inputs, hidden, classes] = [8, 12, 5];

const sequence = (own: readonly WrittenUnit[]): Model =>
  modelOf(
    [
      { name: 'x', word: 'features', args: { width: inputs } },
      { name: 'rnn', word: 'lstm', inputs: ['x'], args: { units: hidden }, units: own },
      { name: 'end', word: 'last', inputs: ['rnn'] },
      { name: 'next', word: 'softmax', inputs: ['rnn'], args: { classes } },
      { name: 'class', word: 'dense', inputs: ['end'], args: { units: 3, activation: 'tanh' } },
    ],
    { rnn: kept },
  );

/** W of a layer, all gates below each other, from the dense matrices its units stand for. */
function denseMatrix(model: Model, name: string, weights: Weights): number[][] {
  const layer = model.layers.find((l) => l.name === name)!;
  const { gates, rows, columns } = layer.shape.family!;
  const total = columns.reduce((a, b) => a + b, 0);
  const result = Array.from({ length: Math.max(1, gates.length) * rows }, () => new Array<number>(total).fill(0));
  for (const unit of layer.units) {
    const values = Object.fromEntries(
      Object.keys(unit.weight.tensors).map((t) => [t, Float64Array.from(weights.get(`${unit.path}.${t}`)!.data)]),
    );
    const matrix = unit.weight.reconstruct(values);
    const own = unit.weight.matrix.shape[1];
    const start = columns.slice(0, unit.blocks[0]).reduce((a, b) => a + b, 0);
    matrix.forEach((v, i) => {
      result[unit.gates[0]! * rows + Math.floor(i / own)]![start + (i % own)]! += v;
    });
  }
  return result;
}

const product = (W: readonly (readonly number[])[], x: readonly number[]): number[] =>
  W.map((row) => row.reduce((sum, w, k) => sum + w * x[k]!, 0));
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

/** The lstm by its equations: new h and c. */
function lstm(W: readonly (readonly number[])[], bias: Float32Array, x: readonly number[], c: readonly number[]) {
  const z = product(W, x).map((v, i) => v + bias[i]!);
  const gate = (k: number) => z.slice(k * hidden, (k + 1) * hidden);
  const next = c.map((v, j) => sigmoid(gate(1)[j]!) * v + sigmoid(gate(0)[j]!) * Math.tanh(gate(2)[j]!));
  return { h: next.map((v, j) => sigmoid(gate(3)[j]!) * Math.tanh(v)), c: next };
}

const closeTo = (seen: ArrayLike<number>, expected: readonly number[], bounds: ArrayLike<number>): void => {
  expect(seen.length).toBe(expected.length);
  expected.forEach((v, i) => {
    expect(Math.abs(seen[i]! - v)).toBeLessThanOrEqual(bounds[i]!);
  });
};

function goldenOf(own: readonly WrittenUnit[]): { model: Model; weights: Weights; golden: GoldenVectors } {
  const model = sequence(own);
  const weights = weightsOf(model, 0.5, () => kept);
  const plan = lowerInference(model, { keptOf: () => kept });
  return { model, weights, golden: goldenVectors(plan, weights, { seed: 1, steps: 4, activation: 'exact' }) };
}

describe('golden vectors', () => {
  it.each(Object.keys(units))('of an lstm under %s follow its equations step by step', (name) => {
    const { model, weights, golden } = goldenOf(units[name]!);
    const W = denseMatrix(model, 'rnn', weights);
    const V = denseMatrix(model, 'next', weights);
    golden.steps.forEach(({ inputs: fed, before, after, outputs }, step) => {
      const [h0, c0] = [[...before[0]!], [...before[1]!]];
      if (step === 0) expect([...h0, ...c0].every((v) => v === 0)).toBe(true);
      const { h, c } = lstm(W, weights.get('rnn.bias')!.data, [...(fed[0] as Float32Array), ...h0], c0);
      closeTo(after[0]!.values, h, after[0]!.bounds);
      closeTo(after[1]!.values, c, after[1]!.bounds);
      expect(outputs.map((output) => output.layer)).toEqual(['next']);
      const bias = weights.get('next.bias')!.data;
      closeTo(
        outputs[0]!.values,
        product(V, h).map((v, i) => v + bias[i]!),
        outputs[0]!.bounds,
      );
      expect(Math.max(...outputs[0]!.bounds)).toBeLessThan(1e-4);
    });
    const last = golden.steps.map(({ before }) => before);
    expect([...last[1]![0]!]).toEqual([...golden.steps[0]!.after[0]!.values]);
  });

  it('at the end of a sequence carry the errors of all steps', () => {
    const { model, weights, golden } = goldenOf(units['dkp']!);
    const W = denseMatrix(model, 'rnn', weights);
    let [h, c] = [new Array<number>(hidden).fill(0), new Array<number>(hidden).fill(0)];
    for (const { inputs: fed } of golden.steps)
      ({ h, c } = lstm(W, weights.get('rnn.bias')!.data, [...(fed[0] as Float32Array), ...h], c));
    const bias = weights.get('class.bias')!.data;
    const expected = product(denseMatrix(model, 'class', weights), h).map((v, i) => Math.tanh(v + bias[i]!));
    expect(golden.final.map((output) => output.layer)).toEqual(['class']);
    closeTo(golden.final[0]!.values, expected, golden.final[0]!.bounds);
  });

  it('end with steps that reach to where tanh is flat, from a state of their own', () => {
    const { golden } = goldenOf(units['dense']!);
    const most = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
    golden.steps.forEach(({ inputs: fed, before, after }, step) => {
      const far = step === 3;
      expect(most(before[1]!) > 4).toBe(far);
      expect(most(after[1]!.values) > 4).toBe(far);
      expect(most(fed[0] as Float32Array) > 1).toBe(far);
    });
  });

  it('are the same for the same seed, others for another', () => {
    const model = sequence(units['dense']!);
    const weights = weightsOf(model, 0.5, () => kept);
    const make = (seed: number) => goldenVectors(lowerInference(model), weights, { seed, steps: 2, activation: 'std' });
    expect(make(7)).toEqual(make(7));
    expect(make(7).steps[0]!.inputs).not.toEqual(make(8).steps[0]!.inputs);
  });

  it('bound `fast` wider than `std` wider than `exact`', () => {
    const model = sequence(units['dense']!);
    const weights = weightsOf(model, 0.5, () => kept);
    const widest = (activation: 'exact' | 'std' | 'fast') =>
      Math.max(
        ...goldenVectors(lowerInference(model), weights, { seed: 1, steps: 1, activation }).steps[0]!.after[0]!.bounds,
      );
    expect(widest('exact')).toBeLessThan(widest('std'));
    expect(widest('std')).toBeLessThan(widest('fast'));
  });

  it('draw tokens below the vocabulary', () => {
    const model = modelOf([
      { name: 'tokens', word: 'ids', args: { vocab: 7 } },
      { name: 'embed', word: 'embedding', inputs: ['tokens'], args: { width: 3 } },
      { name: 'next', word: 'softmax', inputs: ['embed'], args: { classes: 7 } },
    ]);
    const weights = weightsOf(model, 1, () => 0);
    const { steps } = goldenVectors(lowerInference(model), weights, { seed: 1, steps: 50, activation: 'exact' });
    const tokens = steps.map(({ inputs: fed }) => fed[0] as number);
    expect(new Set(tokens).size).toBe(7);
    expect(Math.max(...tokens)).toBe(6);
  });

  it('agree with a run of the whole sequence within the bounds', () => {
    const model = sequence(units['stacked']!);
    const weights = weightsOf(model, 0.5, () => kept);
    const plan = lowerInference(model);
    const golden = goldenVectors(plan, weights, { seed: 5, steps: 3, activation: 'exact' });
    const run = runPlan(
      plan,
      weights,
      golden.steps.map((step) => step.inputs),
    );
    expect(run.steps.length).toBe(3);
    expect(run.final.map((output) => output.layer)).toEqual(['class']);
    closeTo(golden.steps[0]!.outputs[0]!.values, [...run.steps[0]![0]!.values], golden.steps[0]!.outputs[0]!.bounds);
    closeTo(golden.final[0]!.values, [...run.final[0]!.values], golden.final[0]!.bounds);
  });

  it('of whole sequences are fed what the longest of them begins with', () => {
    const model = textModel('language 1\nmodel m {\n x = features(3)\n r = gru(x, 5, bidirectional=yes)\n}');
    const plan = lowerInference(model, { maxSteps: 9 });
    const { weights } = prunedWeights(model, 1);
    const { sequences } = goldenVectors(plan, weights, { seed: 1, steps: 8, activation: 'std' });
    const longest = sequences.at(-1)!;
    expect(sequences.map(({ inputs: fed }) => fed.length)).toEqual(sequenceLengths(plan.run, 8));
    for (const { inputs: fed } of sequences) expect(fed).toEqual(longest.inputs.slice(0, fed.length));
  });
});
