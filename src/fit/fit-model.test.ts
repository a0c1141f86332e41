import { describe, expect, it } from 'vitest';
import { checkText, modelOf, written } from '../../test/support/check-text.js';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { lowerInference } from '../lower/inference.js';
import { runPlan } from '../lower/plan-runner.js';
import type { Model } from '../model/model.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { size } from '../tensor/shape.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import { type FittedModel, fitModel } from './fit-model.js';

const [vocabulary, width, units] = [11, 5, 6];
const program = (rules = '', layers = ''): string => `model m {
  tokens = ids(vocab=${vocabulary})
  embed  = embedding(tokens, ${width})
  rnn1   = lstm(embed, ${units})
  rnn2   = lstm(rnn1, ${units})
  ${layers}
  next   = softmax(rnn2, ${vocabulary})
}
${rules === '' ? '' : `compress { ${rules} }`}
train { data = generated(vocab=${vocabulary}, tokens=2_000, batch=2, unroll=3)  epochs = 1 }`;

function tensor(name: string, ...shape: number[]): [string, FloatTensor] {
  const data = new Float32Array(size(shape));
  fillUniform(data, 1, streamKey(5, name));
  return [name, { shape, data }];
}

/** The weights of the program as PyTorch would name them. */
const torch = (rnn = 'rnn', encoder = 'encoder', decoder = 'decoder'): Map<string, FloatTensor> =>
  new Map([
    tensor(`${encoder}.weight`, vocabulary, width),
    ...[0, 1].flatMap((l) => [
      tensor(`${rnn}.weight_ih_l${l}`, 4 * units, l === 0 ? width : units),
      tensor(`${rnn}.weight_hh_l${l}`, 4 * units, units),
      tensor(`${rnn}.bias_ih_l${l}`, 4 * units),
      tensor(`${rnn}.bias_hh_l${l}`, 4 * units),
    ]),
    tensor(`${decoder}.weight`, vocabulary, units),
    tensor(`${decoder}.bias`, vocabulary),
  ]);

function attempt(model: Model, weights: Weights): { fitted: FittedModel | undefined; all: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  return { fitted: fitModel(model, weights, diagnostics.report), all: diagnostics.all };
}
function fitted(text: string, weights: Weights): FittedModel {
  const { fitted, all } = attempt(modelOf(text), weights);
  if (fitted === undefined) throw new Error(all.map(written).join('\n'));
  return fitted;
}
const codes = (text: string, weights: Weights) => attempt(modelOf(text), weights).all.map((d) => d.code);

describe('names', () => {
  it('the program, its uncompressed form and PyTorch give the same dense weights', () => {
    const fromTorch = fitted(program(), torch());
    expect(fromTorch.units.map((u) => [u.path, u.relativeError])).toEqual([
      ['embed', 0],
      ['rnn1', 0],
      ['rnn2', 0],
      ['next', 0],
    ]);
    const again = fitted(program(), fromTorch.weights);
    expect(again.units.every((u) => u.relativeError === undefined)).toBe(true);
    expect(again.weights).toEqual(fromTorch.weights);
  });

  it('gates keep their order, columns stand as [input | recurrent], the two biases are added', () => {
    const given = torch();
    const { weights } = fitted(program(), given);
    const w = weights.get('rnn2.W')!;
    expect(w.shape).toEqual([4, units, 2 * units]);
    const [ih, hh] = [given.get('rnn.weight_ih_l1')!, given.get('rnn.weight_hh_l1')!];
    for (const [gate, row, column] of [
      [0, 0, 0],
      [2, 3, 4],
      [3, 5, 5],
    ] as const) {
      const at = (gate * units + row) * 2 * units + column;
      expect(w.data[at]).toBe(ih.data[(gate * units + row) * units + column]);
      expect(w.data[at + units]).toBe(hh.data[(gate * units + row) * units + column]);
    }
    const sum = Math.fround(given.get('rnn.bias_ih_l1')!.data[7]! + given.get('rnn.bias_hh_l1')!.data[7]!);
    expect(weights.get('rnn2.bias')!.data[7]).toBe(sum);
  });

  it('modules called as the layers are need no order', () => {
    const given = torch();
    const renamed = new Map(
      [...given].map(([name, value]) => {
        const cell = /^rnn\.(.*)_l([01])$/.exec(name);
        // Crossed on purpose: what is called rnn1 must go to rnn1, whatever its place.
        return [cell === null ? name : `rnn${Number(cell[2]) + 1}.${cell[1]}_l0`, value] as const;
      }),
    );
    expect(fitted(program(), renamed).weights).toEqual(fitted(program(), given).weights);
  });

  it('scales that were learned are taken where the file has them, and calibrated where it has none', () => {
    const rule = 'next: int4(per=row, scales=learned)';
    const calibrated = fitted(program(rule), torch()).weights;
    const scales = calibrated.get('next.W.scales')!;
    expect(scales.shape).toEqual([vocabulary]);
    const trained = { ...scales, data: scales.data.map((s) => s / 2) };
    const again = fitted(program(rule), new Map([...calibrated, ['next.W.scales', trained]]));
    expect(again.weights.get('next.W.scales')).toEqual(trained);
    const odd = { shape: [3], data: new Float32Array(3) };
    expect(codes(program(rule), new Map([...calibrated, ['next.W.scales', odd]]))).toEqual(['fit/extra']);
    expect(codes(program('next: int4'), calibrated)).toEqual(['fit/extra']);
  });

  it('a cell without biases has zeros', () => {
    const given = torch();
    for (const name of [...given.keys()]) if (name.includes('bias_')) given.delete(name);
    expect(fitted(program(), given).weights.get('rnn1.bias')!.data).toEqual(new Float32Array(4 * units));
  });
});

describe('wrong files', () => {
  const without = (name: string) => new Map([...torch()].filter(([n]) => n !== name));
  it.each([
    ['fit/missing', without('rnn.weight_hh_l1')],
    ['fit/missing', without('decoder.weight')],
    ['fit/extra', new Map([...torch(), tensor('norm.gain', 3)])],
    ['fit/shape', new Map([...torch(), tensor('rnn.weight_ih_l0', 4 * units, 99)])],
    ['fit/shape', new Map([...torch(), tensor('decoder.weight', vocabulary, 7)])],
    ['fit/ambiguous', new Map([...torch(), tensor('other.weight', vocabulary, width)])],
    ['fit/ambiguous', new Map([...torch(), tensor('more.weight_ih_l0', 4 * units, width)])],
  ])('%s', (code, given) => {
    const found = codes(program(), given);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found)).toEqual(new Set([code]));
  });

  it('lists what was found', () => {
    const { all } = attempt(modelOf(program()), new Map([...torch(), tensor('norm.gain', 3)]));
    expect(all.map(written)[0]).toContain('`norm.gain` (3)');
  });

  it('values that are not finite, with tensor and index', () => {
    const given = torch();
    given.get('rnn.weight_hh_l0')!.data[17] = Number.NaN;
    expect(attempt(modelOf(program()), given).all.map((d) => d.message)).toEqual([
      '`rnn.weight_hh_l0` of the weight file holds NaN at index 17, which is [2, 5]',
    ]);
  });
});

describe('fits', () => {
  it.each([
    'lmf(r=3)',
    'kp',
    'dkp(sparsity=50%)',
    'prune(sparsity=80%)',
    'circulant(block=3)',
    'tt(ranks=2)',
    'hkp(rows=2)',
    'hlf(j=2, permute=yes)',
  ])('%s: the error printed is that of the stored values', (method) => {
    const { units: rows } = fitted(program(`rnn1, rnn2: ${method}`), torch());
    for (const { relativeError } of rows.filter((u) => u.path.startsWith('rnn'))) {
      expect(relativeError).toBeGreaterThan(0);
      expect(relativeError).toBeLessThan(1);
    }
  });

  it('hlf without permute is refused with the reason of the paper', () => {
    const { all } = attempt(modelOf(program('rnn1.input, rnn1.recurrent: hlf(j=2)')), torch());
    expect(all.map((d) => d.code)).toEqual(['fit/refused', 'fit/refused']);
    expect(all[0]!.message).toContain('[H] section 6');
  });

  it('more of anything is never further away', () => {
    const error = (rule: string) => fitted(program(`rnn1: ${rule}`), torch()).units[1]!.relativeError!;
    for (const [less, more] of [
      ['lmf(r=1)', 'lmf(r=4)'],
      ['prune(sparsity=90%)', 'prune(sparsity=50%)'],
      ['hlf(j=1, permute=yes)', 'hlf(j=4, permute=yes)'],
    ] as const)
      expect(error(more)).toBeLessThan(error(less));
  });
});

describe('hidden units reordered', () => {
  const outputs = (text: string): readonly number[] => {
    const { weights } = fitted(text, torch());
    // From zero state, which has no order of units.
    const { steps } = runPlan(lowerInference(modelOf(text)), weights, [[3], [1], [4], [1], [5]]);
    return steps.flatMap((outputs) => outputs.flatMap(({ values }) => [...values]));
  };

  // With j = 5 of 6 rows in full, the last is exact at rank 1: what is left to differ is only the order of the units.
  it('the network computes what it did, both layers reordered', () => {
    const dense = outputs(program());
    const permuted = outputs(program('rnn1, rnn2: hlf(j=5, permute=yes)'));
    expect(permuted.length).toBe(5 * vocabulary);
    for (const [i, value] of permuted.entries()) expect(value).toBeCloseTo(dense[i]!, 5);
    const { units: rows } = fitted(program('rnn1, rnn2: hlf(j=5, permute=yes)'), torch());
    for (const { relativeError } of rows) expect(relativeError).toBeLessThan(1e-6);
  });

  it('the order is another than the given one, and serves input and recurrent matrices alike', () => {
    const given = torch();
    // Unit 4 has by far the largest weights: it must come first.
    for (const name of ['rnn.weight_ih_l0', 'rnn.weight_hh_l0']) {
      const { data, shape } = given.get(name)!;
      const row = shape[1]!;
      for (let gate = 0; gate < 4; gate++) {
        for (let i = 0; i < row; i++) data[(gate * units + 4) * row + i]! *= 10 * (i % 2 === 0 ? 1 : -1.5);
      }
    }
    const { weights } = fitted(program('rnn1.input, rnn1.recurrent: hlf(j=1, permute=yes)'), given);
    const first = weights.get('rnn1.input.A')!;
    const wide = given.get('rnn.weight_ih_l0')!.data;
    expect([...first.data.slice(0, width)]).toEqual([...wide.slice(4 * width, 5 * width)]);
    const bias = given.get('rnn.bias_ih_l0')!.data[4]! + given.get('rnn.bias_hh_l0')!.data[4]!;
    expect(weights.get('rnn1.bias')!.data[0]).toBe(Math.fround(bias));
    // The first column of the recurrent matrix is that of unit 4 too.
    const recurrent = weights.get('rnn1.recurrent.A')!;
    expect(recurrent.data[0]).toBe(given.get('rnn.weight_hh_l0')!.data[4 * units + 4]);
  });

  it('comes nearer than the given order', () => {
    const given = torch();
    const ordered = fitted(program('rnn1: hlf(j=3, permute=yes)'), given).units[1]!.relativeError!;
    const low = fitted(program('rnn1: lmf(r=1)'), given).units[1]!.relativeError!;
    expect(ordered).toBeLessThan(low);
  });

  it('is refused where the layout is stacked, and where an output would change', () => {
    const { all } = checkText(program('rnn1: hlf(j=2, permute=yes, layout=stacked)'));
    expect(all.map((d) => d.code)).toEqual(['hlf/stacked-permute']);
  });
});
