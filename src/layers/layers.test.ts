import { describe, expect, it } from 'vitest';
import type { Buffer } from '../kernels/planner.js';
import { Recorder } from '../kernels/recorder.js';
import type { DoubleTensor } from '../tensor/tensor.js';
import type { Signal } from './layer.js';
import { laterLayers, layers } from './layers.js';
import {
  argument,
  attempt,
  call,
  draw,
  expectClose,
  number,
  percent,
  perStep,
  resolved,
  run,
  word,
} from './test-support.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The LSTM equations, one number at a time. */
function scalarLstm(feed: Record<string, DoubleTensor>, sizes: { n: number; h: number; steps: number; batch: number }) {
  const { n, h: units, steps, batch } = sizes;
  const [x, wx, wh, bias] = [feed['x0']!, feed['w0']!, feed['w1']!, feed['bias']!].map((t) => t.data);
  const h = feed['state.h']!.data.slice();
  const c = feed['state.c']!.data.slice();
  const y: number[] = [];
  for (let t = 0; t < steps; t++) {
    const before = h.slice();
    for (let b = 0; b < batch; b++) {
      const z = (gate: number, unit: number): number => {
        const row = gate * units + unit;
        let sum = bias![row]!;
        for (let j = 0; j < n; j++) sum += wx![row * n + j]! * x![(t * batch + b) * n + j]!;
        for (let j = 0; j < units; j++) sum += wh![row * units + j]! * before[b * units + j]!;
        return sum;
      };
      for (let u = 0; u < units; u++) {
        const at = b * units + u;
        c[at] = sigmoid(z(1, u)) * c[at]! + sigmoid(z(0, u)) * Math.tanh(z(2, u));
        h[at] = sigmoid(z(3, u)) * Math.tanh(c[at]!);
      }
    }
    y.push(...h);
  }
  return { y, h: [...h], c: [...c] };
}

describe('lstm', () => {
  for (const [n, h, steps, batch] of [
    [3, 5, 4, 2],
    [1, 1, 1, 1],
    [7, 2, 3, 1],
    [2, 7, 2, 5],
  ] as const) {
    it(`equals a scalar loop: ${n} inputs, ${h} units, ${steps} steps, batch ${batch}`, () => {
      const [shape] = resolved(call('lstm', argument(number(h))), [perStep(n)]);
      const { results, feed } = run({ shape: shape!, steps, batch, inputs: [draw([steps * batch, n], 5)] });
      const wanted = scalarLstm(feed, { n, h, steps, batch });
      expectClose(results['y'], wanted.y);
      expectClose(results['h'], wanted.h);
      expectClose(results['c'], wanted.c);
    });
  }

  it('stacks, and drops behind every one of the stack', () => {
    const stack = resolved(
      call('lstm', argument(number(5)), argument(number(2), 'layers'), argument(percent(0.5), 'dropout')),
      [perStep(3)],
    );
    expect(stack.map((s) => s.family!.columns)).toEqual([
      [3, 5],
      [5, 5],
    ]);
    expect(stack.map((s) => s.dropout)).toEqual([0.5, 0.5]);
    expect(stack[0]!.tensors['bias']).toEqual({ shape: [20], init: { kind: 'constant', value: 0 } });
  });

  it('starts the bias of gate f at forget_bias', () => {
    const [shape] = resolved(call('lstm', argument(number(5)), argument(number(1), 'forget_bias')), [perStep(3)]);
    expect(shape!.tensors['bias']!.patch).toEqual([5, 5, 1]);
  });

  it('is planned as bias, products, cell', () => {
    const [shape] = resolved(call('lstm', argument(number(4))), [perStep(3)]);
    const recorder = new Recorder({ keptOf: () => 0 });
    const calls: Parameters<Recorder['enter']>[1] = [];
    recorder.enter('rnn', calls);
    const buffer = (name: string, floats: number): Buffer => recorder.buffer(name, floats, 'work');
    const states = new Map(['h', 'c'].map((s) => [s, { now: buffer(`${s} now`, 4), next: buffer(`${s} next`, 4) }]));
    const x = buffer('x', 3);
    const linear: (readonly Buffer[])[] = [];
    const y = shape!.plan({
      p: recorder,
      inputs: [x],
      linear: (blocks, z) => linear.push([...blocks, z]),
      shares: () => undefined,
      lookup: () => undefined,
      tensor: (name) => `rnn.${name}`,
      state: (name) => states.get(name)!,
    });
    expect(calls.map((c) => c.kind)).toEqual(['bias', 'lstmCell']);
    expect(linear[0]!.map((b) => b.size)).toEqual([3, 4, 16]);
    expect(y).toBe(states.get('h')!.next);
  });
});

describe('the other layers', () => {
  it('embedding gathers rows', () => {
    const [shape] = resolved(call('embedding', argument(number(3))), [{ kind: 'ids', vocabulary: 4 }]);
    const ids = { shape: [3], data: Int32Array.from([2, 0, 2]) };
    const { results, feed } = run({ shape: shape!, steps: 3, batch: 1, inputs: [ids] });
    const table = feed['w0']!.data;
    expectClose(results['y'], [...table.slice(6, 9), ...table.slice(0, 3), ...table.slice(6, 9)]);
  });

  it('dense and softmax give W x + b, dense behind its activation', () => {
    const x = draw([4, 3], 3);
    const [logits] = resolved(call('softmax', argument(number(5))), [perStep(3)]);
    const [active] = resolved(call('dense', argument(number(5)), argument(word('tanh'), 'activation')), [perStep(3)]);
    const plain = run({ shape: logits!, steps: 2, batch: 2, inputs: [x] });
    const { w0, bias } = plain.feed;
    const wanted = Array.from({ length: 20 }, (_, i) => {
      const [row, unit] = [Math.floor(i / 5), i % 5];
      return [0, 1, 2].reduce((sum, j) => sum + x.data[row * 3 + j]! * w0!.data[unit * 3 + j]!, bias!.data[unit]!);
    });
    expectClose(plain.results['y'], wanted);
    expectClose(run({ shape: active!, steps: 2, batch: 2, inputs: [x] }).results['y'], wanted.map(Math.tanh));
    expect([logits!.classifies, active!.classifies]).toEqual([true, undefined]);
  });

  it('last takes the last step and then is no sequence', () => {
    const [shape] = resolved(call('last'), [perStep(2)]);
    const x = draw([6, 2], 4);
    expectClose(run({ shape: shape!, steps: 3, batch: 2, inputs: [x] }).results['y'], [...x.data.slice(8)]);
    const { errors } = attempt(call('lstm', argument(number(4))), [shape!.signal]);
    expect(errors[0]!.message).toBe('`lstm` reads a vector at each step, found a vector of 2 per sequence');
  });

  it('refuse inputs of the wrong kind', () => {
    const ids: Signal = { kind: 'ids', vocabulary: 10_000 };
    expect(attempt(call('lstm', argument(number(4))), [ids]).errors[0]!.message).toBe(
      '`lstm` reads vectors, found ids out of 10,000',
    );
    expect(attempt(call('embedding', argument(number(4))), [perStep(3)]).errors[0]!.code).toBe('layer/input');
  });

  it('have distinct words, none of them for later', () => {
    const words = [...layers.map((l) => l.word), ...laterLayers];
    expect(new Set(words).size).toBe(words.length);
  });
});
