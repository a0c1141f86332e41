/** The recurrent cells against scalar loops, PyTorch's numbers, numbers by hand, and finite differences. */
import { describe, expect, it } from 'vitest';
import { differentiate } from '../autodiff/differentiate.js';
import { finiteDifferences } from '../autodiff/finite-differences.js';
import { Builder } from '../graph/builder.js';
import { evaluate, type Feed } from '../graph/evaluate.js';
import type { Value } from '../graph/ops.js';
import type { DoubleTensor } from '../tensor/tensor.js';
import type { LayerShape } from './layer.js';
import {
  argument,
  attempt,
  call,
  draw,
  expectClose,
  number,
  perStep,
  resolved,
  run,
  word,
  yes,
} from './test-support.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
type Feeds = Readonly<Record<string, DoubleTensor>>;

interface Sizes {
  readonly n: number;
  readonly units: number;
  readonly steps: number;
  readonly batch: number;
}
const sizes: readonly Sizes[] = [
  { n: 3, units: 5, steps: 4, batch: 2 },
  { n: 1, units: 1, steps: 1, batch: 1 },
  { n: 7, units: 2, steps: 3, batch: 1 },
  { n: 2, units: 7, steps: 2, batch: 5 },
];

/** Row `row` of W x + b, of an input block. */
const sumOf = (w: DoubleTensor, bias: DoubleTensor | undefined, row: number, x: ArrayLike<number>): number => {
  const n = w.shape[1]!;
  let sum = bias?.data[row] ?? 0;
  for (let j = 0; j < n; j++) sum += w.data[row * n + j]! * x[j]!;
  return sum;
};

/** The next h of one sample, written out. */
type Scalar = (feed: Feeds, x: Float64Array, h: Float64Array) => number[];

const scalarRnn =
  (f: (x: number) => number): Scalar =>
  ({ w0, w1, bias }, x, h) =>
    [...h].map((_, u) => f(sumOf(w0!, bias, u, x) + sumOf(w1!, undefined, u, h)));

const scalarBefore: Scalar = ({ w0, w1, bias }, x, h) => {
  const n = h.length;
  const gate = (row: number, from: ArrayLike<number>) => sumOf(w0!, bias, row, x) + sumOf(w1!, undefined, row, from);
  const kept = [...h].map((v, u) => sigmoid(gate(u, h)) * v);
  return [...h].map((v, u) => {
    const z = sigmoid(gate(n + u, h));
    return (1 - z) * Math.tanh(gate(2 * n + u, kept)) + z * v;
  });
};

const scalarAfter: Scalar = ({ w0, w1, bias, recurrent_bias: recurrent }, x, h) => {
  const n = h.length;
  const [from, state] = [(row: number) => sumOf(w0!, bias, row, x), (row: number) => sumOf(w1!, recurrent, row, h)];
  return [...h].map((v, u) => {
    const r = sigmoid(from(u) + state(u));
    const z = sigmoid(from(n + u) + state(n + u));
    return (1 - z) * Math.tanh(from(2 * n + u) + r * state(2 * n + u)) + z * v;
  });
};

function scalarRun(cell: Scalar, feed: Feeds, { n, units, steps, batch }: Sizes): number[] {
  let state = feed['state.h']!.data.slice();
  const outputs: number[] = [];
  for (let t = 0; t < steps; t++) {
    const next = Array.from({ length: batch }, (_, b) => {
      const x = feed['x0']!.data.subarray((t * batch + b) * n, (t * batch + b + 1) * n);
      return cell(feed, Float64Array.from(x), state.slice(b * units, (b + 1) * units));
    });
    state = Float64Array.from(next.flat());
    outputs.push(...state);
  }
  return outputs;
}

const rnnOf = (units: number, activation: 'tanh' | 'relu') =>
  call('rnn', argument(number(units)), argument(word(activation), 'activation'));
const gruOf = (units: number) => call('gru', argument(number(units)));
const afterOf = (units: number) => call('gru', argument(number(units)), argument(yes, 'reset_after'));

const cells = [
  { title: 'rnn, tanh', of: (units: number) => rnnOf(units, 'tanh'), scalar: scalarRnn(Math.tanh) },
  { title: 'rnn, relu', of: (units: number) => rnnOf(units, 'relu'), scalar: scalarRnn((x) => Math.max(x, 0)) },
  { title: 'gru, reset before', of: gruOf, scalar: scalarBefore },
  { title: 'gru, reset after', of: afterOf, scalar: scalarAfter },
] as const;

describe.each(cells)('$title', ({ of, scalar }) => {
  it.each(sizes)('equals a scalar loop: $n inputs, $units units, $steps steps, batch $batch', (at) => {
    const { n, units, steps, batch } = at;
    const [shape] = resolved(of(units), [perStep(n)]);
    const { results, feed } = run({ shape: shape!, steps, batch, inputs: [draw([steps * batch, n], 5)] });
    const wanted = scalarRun(scalar, feed, at);
    expectClose(results['y'], wanted);
    expectClose(results['h'], wanted.slice(-batch * units));
  });
});

/**
 * torch 1.13, float64: nn.RNN, nn.GRU, nn.LSTM(3, 2), 3 steps, batch 2. weight_ih, weight_hh, bias_ih, bias_hh are
 * sin(12.9898 (i + 1) + 78.233 s) with s = 1, 2, 9, 7 (bias_hh 0 but in nn.GRU), the input s = 5, h s = 104, c s = 99.
 */
const torch = [
  {
    of: rnnOf(2, 'tanh'),
    y: [
      0.167009851184, -0.460482525177, 0.946623390351, 0.998348167966, 0.948416403694, 0.99628572408, 0.467363805275,
      0.987300029532, -0.55104745177, -0.031969604073, 0.292578562826, 0.486760139062,
    ],
  },
  {
    of: rnnOf(2, 'relu'),
    y: [
      0.168589128883, 0, 1.798239463733, 3.549095603343, 1.921911229803, 3.55053860022, 0.935209066316, 5.296107066511,
      0, 2.81515555388, 1.208774344499, 4.617770095557,
    ],
  },
  {
    of: afterOf(2),
    y: [
      0.092277182768, 0.28889453371, 0.65373968368, 0.454941536318, 0.015142746389, 0.581296012093, 0.63293587538,
      0.300632392311, 0.102885982191, 0.552071836712, 0.659760627527, 0.256070993737,
    ],
  },
  {
    of: call('lstm', argument(number(2))),
    y: [
      -0.021227495491, -0.244181762297, -0.331658545105, -0.074725083058, -0.603178053576, 0.23824431185,
      -0.303977227749, -0.025149845803, -0.013658796911, 0.231436200318, 0.036231919111, -0.032797675886,
    ],
  },
];

it.each(torch)('$of.callee.text gives the numbers of PyTorch', ({ of, y }) => {
  const [shape] = resolved(of, [perStep(3)]);
  const { results } = run({ shape: shape!, steps: 3, batch: 2, inputs: [draw([6, 3], 5)] });
  expect(results['y']!.data.length).toBe(y.length);
  for (const [i, value] of y.entries()) expect(results['y']!.data[i]).toBeCloseTo(value, 11);
});

/** One step of two units, x = 0: r = sigmoid(1, -1), z = sigmoid(0), h = (1, 2), U_n = [0 1; 0 0]. */
function twoUnits(shape: LayerShape, recurrentBias: readonly number[]): readonly number[] {
  const g = new Builder();
  const constants = (name: string, shapeOf: readonly number[]): Value => g.input(name, shapeOf);
  const u = constants('u', [6, 2]);
  const zero = constants('zero', [1, 6]);
  const y = shape.forward({
    g,
    steps: 1,
    batch: 1,
    inputs: [constants('x', [1, 1])],
    linear: () => ({
      apply: (block, x, _, gates = [0, 1, 2]) => {
        if (block === 0) return zero;
        const rows = gates.map((gate) => g.slice(u, 0, 2 * gate, 2));
        return g.matmul(x, g.concat(rows, 0), { transposeB: true });
      },
      lookup: () => u,
    }),
    tensor: (name) => constants(name, [6]),
    state: () => constants('h', [1, 2]),
    present: () => undefined,
    carry: () => undefined,
  });
  const feed: Feed = {
    u: { shape: [6, 2], data: Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0) },
    zero: { shape: [1, 6], data: new Float64Array(6) },
    x: { shape: [1, 1], data: new Float64Array(1) },
    bias: { shape: [6], data: Float64Array.of(1, -1, 0, 0, 0, 0) },
    recurrent_bias: { shape: [6], data: Float64Array.from(recurrentBias) },
    h: { shape: [1, 2], data: Float64Array.of(1, 2) },
  };
  return [...evaluate(g.finish({ y }), feed)['y']!.data];
}

describe('by hand, the two places of the reset differ', () => {
  // sigmoid(-1) = 0.268941421370, sigmoid(1) = 0.731058578630.
  it('before the product: r_2 h_2 enters the sum of unit 1', () => {
    const [shape] = resolved(gruOf(2), [perStep(1)]);
    // n = tanh(2 * 0.268941421370, 0) = (0.491384, 0); h' = (n + h) / 2.
    const found = twoUnits(shape!, [0, 0, 0, 0, 0, 0]);
    expect(found[0]).toBeCloseTo((Math.tanh(0.53788284274) + 1) / 2, 10);
    expect(found[0]).toBeCloseTo(0.745692, 6);
    expect(found[1]).toBe(1);
  });

  it('after the product: r_1 scales the sum of unit 1, recurrent bias included', () => {
    const [shape] = resolved(afterOf(2), [perStep(1)]);
    // n = tanh(0.731058578630 * (2 + 0.5), 0.268941421370 * -1) = (0.949625, -0.262641).
    const found = twoUnits(shape!, [0, 0, 0, 0, 0.5, -1]);
    expect(found[0]).toBeCloseTo((Math.tanh(1.827646446575) + 1) / 2, 10);
    expect(found[1]).toBeCloseTo((Math.tanh(-0.26894142137) + 2) / 2, 10);
  });
});

describe.each([...cells, { title: 'lstm', of: (units: number) => call('lstm', argument(number(units))) }])(
  'autodiff of $title',
  ({ of }) => {
    it('is what finite differences give', () => {
      const [shape] = resolved(of(3), [perStep(2)]);
      const { graph, feed } = run({ shape: shape!, steps: 3, batch: 2, inputs: [draw([6, 2], 5)] });
      const g = new Builder();
      const values: Value[] = [];
      for (const op of graph.ops) values.push(g.push(op.kind, op.inputs, op.attrs as never, op.shape));
      const loss = g.sum(g.tanh(graph.outputs['y']!));
      const inputs = new Map(
        graph.ops.flatMap((op, value) => (op.kind === 'input' ? [[op.attrs.name, value] as const] : [])),
      );
      const gradients = differentiate(g, loss, [...inputs.values()]);
      const outputs = [...inputs].map(([name, value]) => [`d ${name}`, gradients.get(value)!] as const);
      const whole = g.finish({ loss, ...Object.fromEntries(outputs) });
      const found = evaluate(whole, feed);
      for (const name of inputs.keys()) {
        const wanted = finiteDifferences(whole, 'loss', feed, name);
        found[`d ${name}`]!.data.forEach((value, i) => {
          expect(value).toBeCloseTo(wanted[i]!, 6);
        });
      }
    });
  },
);

it('reset_after, activation and layers are read', () => {
  const [shape] = resolved(afterOf(4), [perStep(3)]);
  expect(Object.keys(shape!.tensors)).toEqual(['bias', 'recurrent_bias']);
  const stack = resolved(call('gru', argument(number(4)), argument(number(2), 'layers')), [perStep(3)]);
  expect(stack.map((s) => s.family!.columns)).toEqual([
    [3, 4],
    [4, 4],
  ]);
  const { errors } = attempt(call('rnn', argument(number(4)), argument(word('sigmoid'), 'activation')), [perStep(3)]);
  expect(errors[0]!.message).toBe('`activation` cannot be `sigmoid`');
});
