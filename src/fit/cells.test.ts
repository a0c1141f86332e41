/** Weights of PyTorch's other cells, stacks and directions. */
import { describe, expect, it } from 'vitest';
import { modelOf, written } from '../../test/support/check-text.js';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { size } from '../tensor/shape.js';
import type { FloatTensor } from '../tensor/tensor.js';
import { type FittedModel, fitModel } from './fit-model.js';

const [vocabulary, width, units] = [9, 4, 3];
const program = (layer: string, out = 'rnn'): string => `model m {
  tokens = ids(vocab=${vocabulary})
  embed  = embedding(tokens, ${width})
  rnn    = ${layer}
  next   = softmax(${out}, ${vocabulary})
}`;

function tensor(name: string, ...shape: number[]): [string, FloatTensor] {
  const data = new Float32Array(size(shape));
  fillUniform(data, 1, streamKey(5, name));
  return [name, { shape, data }];
}

interface Cell {
  readonly suffix: string;
  readonly input: number;
}
const torch = (gates: number, cells: readonly Cell[], outputs = units): Map<string, FloatTensor> =>
  new Map([
    tensor('emb.weight', vocabulary, width),
    ...cells.flatMap(({ suffix, input }) => [
      tensor(`net.weight_ih_${suffix}`, gates * units, input),
      tensor(`net.weight_hh_${suffix}`, gates * units, units),
      tensor(`net.bias_ih_${suffix}`, gates * units),
      tensor(`net.bias_hh_${suffix}`, gates * units),
    ]),
    tensor('out.weight', vocabulary, outputs),
    tensor('out.bias', vocabulary),
  ]);

function attempt(text: string, weights: ReadonlyMap<string, FloatTensor>) {
  const diagnostics = new Diagnostics();
  return { fitted: fitModel(modelOf(text), weights, diagnostics.report), all: diagnostics.all };
}
function fitted(text: string, weights: ReadonlyMap<string, FloatTensor>): FittedModel {
  const { fitted, all }: { fitted: FittedModel | undefined; all: readonly Diagnostic[] } = attempt(text, weights);
  if (fitted === undefined) throw new Error(all.map(written).join('\n'));
  return fitted;
}
const one: readonly Cell[] = [{ suffix: 'l0', input: width }];

describe('cells of PyTorch', () => {
  it('a GRU that resets after the product keeps its two biases apart', () => {
    const given = torch(3, one);
    const { weights } = fitted(program(`gru(embed, ${units}, reset_after=yes)`), given);
    expect(weights.get('rnn.bias')!.data).toEqual(given.get('net.bias_ih_l0')!.data);
    expect(weights.get('rnn.recurrent_bias')!.data).toEqual(given.get('net.bias_hh_l0')!.data);
  });

  it('a stack of both directions that resets before the product is one error, at its definition', () => {
    const suffixes = ['l0', 'l0_reverse', 'l1', 'l1_reverse'];
    const cells = suffixes.map((suffix, i) => ({ suffix, input: i < 2 ? width : 2 * units }));
    const { all } = attempt(program(`gru(embed, ${units}, layers=2, bidirectional=yes)`), torch(3, cells, 2 * units));
    expect(all.map(({ message }) => message)).toEqual([
      '`net` is a GRU that resets after the product, `rnn` resets before it',
    ]);
  });

  it('one bias without the other is a file that lost it; none is `bias=False`', () => {
    const given = torch(3, one);
    given.delete('net.bias_hh_l0');
    const text = program(`gru(embed, ${units}, reset_after=yes)`);
    expect(attempt(text, given).all.map(({ message }) => message)).toEqual([
      'the weight file has nothing for `net.bias_hh_l0`',
    ]);
    given.delete('net.bias_ih_l0');
    expect([...fitted(text, given).weights.get('rnn.bias')!.data]).toEqual(Array(3 * units).fill(0));
  });

  it('a GRU that resets before the product is another network', () => {
    const { all } = attempt(program(`gru(embed, ${units})`), torch(3, one));
    expect(all.map((d) => d.code)).toEqual(['fit/reset-before']);
    expect(all[0]!.hint).toContain('reset_after=yes');
  });

  it('a plain cell', () => {
    const given = torch(1, one);
    const { weights } = fitted(program(`rnn(embed, ${units})`), given);
    const [a, b] = [given.get('net.bias_ih_l0')!, given.get('net.bias_hh_l0')!];
    expect([...weights.get('rnn.bias')!.data]).toEqual([...a.data.map((v, i) => Math.fround(v + b.data[i]!))]);
  });

  it('a stack, layer by layer', () => {
    const cells = [
      { suffix: 'l0', input: width },
      { suffix: 'l1', input: units },
    ];
    const given = torch(4, cells);
    const { weights } = fitted(program(`lstm(embed, ${units}, layers=2)`), given);
    for (const [name, index, input] of [
      ['rnn.1.W', 0, width],
      ['rnn.2.W', 1, units],
    ] as const) {
      const w = weights.get(name)!;
      expect(w.shape).toEqual([4, units, input + units]);
      expect([...w.data.slice(0, input)]).toEqual([...given.get(`net.weight_ih_l${index}`)!.data.slice(0, input)]);
    }
  });

  it('both directions of a stack', () => {
    const cells = [
      { suffix: 'l0', input: width },
      { suffix: 'l0_reverse', input: width },
      { suffix: 'l1', input: 2 * units },
      { suffix: 'l1_reverse', input: 2 * units },
    ];
    const given = torch(4, cells, 2 * units);
    const { weights } = fitted(program(`lstm(embed, ${units}, layers=2, bidirectional=yes)`), given);
    for (const [name, suffix, input] of [
      ['rnn.1.backward.W', 'l0_reverse', width],
      ['rnn.2.forward.W', 'l1', 2 * units],
      ['rnn.2.backward.W', 'l1_reverse', 2 * units],
    ] as const) {
      const w = weights.get(name)!;
      expect(w.shape).toEqual([4, units, input + units]);
      expect([...w.data.slice(0, input)]).toEqual([...given.get(`net.weight_ih_${suffix}`)!.data.slice(0, input)]);
    }
  });
});
