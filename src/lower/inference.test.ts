import { describe, expect, it } from 'vitest';
import { packRegion } from '../kernels/pack.js';
import { plainBytes } from '../kernels/regions.js';
import { weightCost } from '../model/cost.js';
import type { Model } from '../model/model.js';
import { lowerInference } from './inference.js';
import { spread, trainedKept } from './inference-kept.js';
import { planSummary, printPlan } from './inference-summary.js';
import { modelOf, type WrittenUnit, weightsOf } from './test-support.js';

const language = (units: readonly WrittenUnit[], kept: Record<string, number> = {}): Model =>
  modelOf(
    [
      { name: 'tokens', word: 'ids', args: { vocab: 50 } },
      { name: 'embed', word: 'embedding', inputs: ['tokens'], args: { width: 8 } },
      { name: 'rnn', word: 'lstm', inputs: ['embed'], args: { units: 12 }, units },
      { name: 'next', word: 'softmax', inputs: ['rnn'], args: { classes: 50 } },
    ],
    kept,
  );
const dkp: WrittenUnit = { method: 'dkp', args: { B: [3, 5], C: [4, 4], sparsity: { percent: 90 } } };
const prunedParts: readonly WrittenUnit[] = [
  { suffix: '.input', blocks: [0], method: 'prune', args: { sparsity: { percent: 90 } } },
  { suffix: '.recurrent', blocks: [1], method: 'prune', args: { sparsity: { percent: 90 } } },
];

describe('lowering to the inference plan', () => {
  it('plans an lstm: bias, a product of the input and one of the state, cell', () => {
    const plan = lowerInference(language([{ method: 'dense' }]));
    expect(plan.step.map((call) => `${call.layer} ${call.kind}`)).toEqual([
      'embed embed',
      'rnn bias',
      'rnn gemv',
      'rnn gemv',
      'rnn lstmCell',
      'next bias',
      'next gemv',
    ]);
    expect(plan.finish).toEqual([]);
    expect(plan.inputs).toEqual([{ name: 'tokens', kind: 'ids', size: 50, buffer: undefined }]);
    expect(plan.states.map(({ name, width }) => [name, width])).toEqual([
      ['h', 12],
      ['c', 12],
    ]);
    expect(plan.outputs.map(({ layer, perStep, classifies }) => [layer, perStep, classifies])).toEqual([
      ['next', true, true],
    ]);
  });

  it('does not copy where a unit reads one block, and gives every gate its part', () => {
    const gates = [0, 1, 2, 3].map((gate) => ({
      suffix: `.input.${'ifgo'[gate]}`,
      gates: [gate],
      blocks: [0],
      method: 'lmf',
      args: { r: 2 },
    }));
    const plan = lowerInference(language([...gates, { suffix: '.recurrent', blocks: [1], method: 'dense' }]));
    expect(plan.step.filter((call) => call.kind === 'copy')).toEqual([]);
    const parts = plan.step.flatMap((call) => (call.kind === 'gemv' && call.rows === 12 ? [call.y.offset] : []));
    expect(parts).toEqual([0, 12, 24, 36]);
  });

  it('runs what lies behind `last` once', () => {
    const model = modelOf([
      { name: 'x', word: 'features', args: { width: 5 } },
      { name: 'rnn', word: 'lstm', inputs: ['x'], args: { units: 3 } },
      { name: 'end', word: 'last', inputs: ['rnn'] },
      { name: 'class', word: 'softmax', inputs: ['end'], args: { classes: 4 } },
    ]);
    const plan = lowerInference(model);
    expect(plan.finish.map((call) => `${call.layer} ${call.kind}`)).toEqual(['class bias', 'class gemv']);
    expect(plan.outputs.map(({ layer, perStep }) => [layer, perStep])).toEqual([['class', false]]);
    expect(plan.inputs[0]?.buffer?.size).toBe(5);
    expect(planSummary(plan)).toMatchObject({ multiplyAdds: 4 * 3 * 8, finishMultiplyAdds: 12, stateBytes: 48 });
  });

  it('gives regions falling alignment, no gaps, unique names, and bytes as packed', () => {
    const model = language([dkp], { rnn: 97 });
    const plan = lowerInference(model);
    const weights = weightsOf(model, 1, () => 97);
    let end = 0;
    for (const region of plan.regions) {
      expect(region.offset).toBe(end);
      expect(region.offset % region.alignment).toBe(0);
      expect(packRegion(region.layout, weights.get(region.layout.matrix.tensor)!.data).length).toBe(region.bytes);
      end += region.bytes;
    }
    expect(plan.weightBytes).toBe(end);
    expect(plan.regions.map((region) => region.alignment)).toEqual([...new Array<number>(6).fill(64), 4, 2, 2, 2]);
    expect(plan.regions.map((region) => region.name)).toEqual([
      'embed_table',
      'rnn_bias',
      'rnn_B',
      'rnn_C',
      'next_bias',
      'next_W',
      'rnn_S_values',
      'rnn_S_order',
      'rnn_S_counts',
      'rnn_S_indices',
    ]);
  });

  it('predicts by plan costs and biases exactly what is emitted', () => {
    const model = language([dkp], { rnn: 97 });
    const parts = model.layers.flatMap((layer) => [
      ...layer.units.map(({ weight }) => weightCost(weight, 97).bytes),
      ...Object.values(layer.shape.tensors).map(({ shape }) => plainBytes(shape.reduce((a, b) => a * b, 1))),
    ]);
    expect(lowerInference(model).weightBytes).toBe(parts.reduce((a, b) => a + b, 0));
  });

  it('has the same bytes whichever way a pool falls on its units', () => {
    const model = language(prunedParts, { rnn: 101 });
    const total = lowerInference(model).weightBytes;
    for (const input of [0, 1, 50, 100, 101]) {
      const keptOf = (path: string) => (path.startsWith('rnn.input') ? input : 101 - input);
      const plan = lowerInference(model, { keptOf });
      expect(plan.weightBytes).toBe(total);
      expect(planSummary(plan).multiplyAdds).toBe(101 + 600);
      for (const { offset, alignment } of plan.regions) expect(offset % alignment).toBe(0);
    }
  });

  it('counts the kept values of trained weights, zeros by chance included', () => {
    const model = language(prunedParts, { rnn: 101 });
    const weights = weightsOf(model, 1, (path) => (path.startsWith('rnn.input') ? 30 : 68));
    expect(trainedKept(model, weights)).toEqual(
      new Map([
        ['rnn.input.W', 33],
        ['rnn.recurrent.W', 68],
      ]),
    );
    const plan = lowerInference(model, { keptOf: (path) => trainedKept(model, weights).get(path) });
    expect(plan.weightBytes).toBe(lowerInference(model).weightBytes);
    const dense = weightsOf(model, 1, () => 200);
    expect(() => trainedKept(model, dense)).toThrow('400 values, 101 are allowed');
  });

  it('spreads a count in proportion, exactly', () => {
    expect(spread(101, [384, 576])).toEqual([40, 61]);
    expect(spread(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(spread(7, [3, 4])).toEqual([3, 4]);
    expect(spread(0, [3, 4])).toEqual([0, 0]);
  });

  it('sums up the PTB medium layer: 3,380,000 multiply-adds dense, 119,600 as a Kronecker product', () => {
    const layer = (units: readonly WrittenUnit[]) =>
      modelOf([
        { name: 'x', word: 'features', args: { width: 650 } },
        { name: 'rnn1', word: 'lstm', inputs: ['x'], args: { units: 650 }, units },
      ]);
    const dense = planSummary(lowerInference(layer([{ method: 'dense' }])));
    expect(dense).toMatchObject({ multiplyAdds: 3_380_000, weightBytes: 13_520_000 + 10_432, stateBytes: 10_400 });
    const kp = planSummary(lowerInference(layer([{ method: 'kp', args: { B: [13, 65], C: [50, 20] } }])));
    expect(kp).toMatchObject({ multiplyAdds: 119_600, weightBytes: 13_568 + 16_000 + 10_432 });
    const stacked: WrittenUnit = { method: 'kp', args: { B: [52, 65], C: [50, 20], layout: 'stacked' }, stacked: true };
    const plan = lowerInference(layer([stacked]));
    expect(plan.step.filter((call) => call.kind === 'kron').length).toBe(1);
    expect(plan.workSize * 4).toBe(planSummary(plan).workBytes);
  });

  it('prints equal plans equally, with every call and region', () => {
    const text = printPlan(lowerInference(language([dkp], { rnn: 97 })));
    expect(text).toBe(printPlan(lowerInference(language([dkp], { rnn: 97 }))));
    expect(text).toContain('output next: b');
    expect(text).toContain('rnn: kron b=rnn_B c=rnn_C bShape=3x5 cShape=4x4 gates=4 apart=12 order=b-first');
    expect(text).toContain('rnn_S_indices at');
    expect(text).toContain('97 uint16, aligned to 2');
  });
});
