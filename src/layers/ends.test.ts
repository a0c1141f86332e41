import { describe, expect, it } from 'vitest';
import type { Buffer } from '../kernels/planner.js';
import { Recorder } from '../kernels/recorder.js';
import type { Signal } from './layer.js';
import { argument, attempt, call, draw, expectClose, number, perStep, resolved, run } from './test-support.js';

const lengths = [3, 1, 5];
const [steps, batch, width] = [5, 3, 2];
const x = draw([steps * batch, width], 4);
/** Value j of step t of sequence b. */
const at = (t: number, b: number, j: number): number => x.data[(t * batch + b) * width + j]!;
const each = (of: (b: number, j: number) => number): number[] => lengths.flatMap((_, b) => [of(b, 0), of(b, 1)]);
const largest = (b: number, j: number, length: number): number =>
  Math.max(...Array.from({ length }, (_, t) => at(t, b, j)));

describe('padded sequences', () => {
  it('last takes the last real step of each', () => {
    const [shape] = resolved(call('last'), [perStep(width)]);
    const { results } = run({ shape: shape!, steps, batch, inputs: [x], lengths });
    expect([...results['y']!.data]).toEqual(each((b, j) => at(lengths[b]! - 1, b, j)));
    const one = run({ shape: shape!, steps: 1, batch: 3, inputs: [draw([3, 2], 1)], lengths: [1, 1, 1] });
    expectClose(one.results['y'], [...draw([3, 2], 1).data]);
  });

  it('max_over_time takes the largest of the real steps', () => {
    const [shape] = resolved(call('max_over_time'), [perStep(width)]);
    expect(shape!.signal).toEqual({ kind: 'vector', width, perStep: false });
    const { results } = run({ shape: shape!, steps, batch, inputs: [x], lengths });
    expect([...results['y']!.data]).toEqual(each((b, j) => largest(b, j, lengths[b]!)));
    const whole = run({ shape: shape!, steps, batch, inputs: [x] });
    expect([...whole.results['y']!.data]).toEqual(each((b, j) => largest(b, j, steps)));
  });
});

describe('max_over_time', () => {
  it.each([1, 2, 3, 4, 7, 16])('of %i steps', (count) => {
    const [shape] = resolved(call('max_over_time'), [perStep(2)]);
    const values = draw([count, 2], 9);
    const { results } = run({ shape: shape!, steps: count, batch: 1, inputs: [values] });
    const column = (j: number): number => Math.max(...Array.from({ length: count }, (_, t) => values.data[2 * t + j]!));
    expect([...results['y']!.data]).toEqual([column(0), column(1)]);
  });

  it('is planned as a running maximum', () => {
    const [shape] = resolved(call('max_over_time'), [perStep(4)]);
    const recorder = new Recorder({ keptOf: () => 0 });
    const calls: Parameters<Recorder['enter']>[1] = [];
    recorder.enter('most', calls);
    const buffer = (name: string, floats: number): Buffer => recorder.buffer(name, floats, 'work');
    const states = new Map([
      ['largest', { now: buffer('now', 4), next: buffer('next', 4) }],
      ['seen', { now: buffer('seen', 1), next: buffer('seen next', 1) }],
    ]);
    const y = shape!.plan({
      p: recorder,
      inputs: [buffer('x', 4)],
      linear: () => undefined,
      shares: () => undefined,
      lookup: () => undefined,
      tensor: (name) => name,
      state: (name) => states.get(name)!,
    });
    expect(calls.map(({ kind }) => kind)).toEqual(['runningMax']);
    expect(y).toBe(states.get('largest')!.next);
  });
});

describe('concat', () => {
  const wide: Signal = { kind: 'vector', width: 3, perStep: true };

  it('puts values behind each other', () => {
    const [shape] = resolved(call('concat'), [perStep(2), wide]);
    expect(shape!.signal).toEqual({ kind: 'vector', width: 5, perStep: true });
    const [a, b] = [draw([4, 2], 1), draw([4, 3], 2)];
    const { results } = run({ shape: shape!, steps: 2, batch: 2, inputs: [a, b] });
    const rows = [0, 1, 2, 3].flatMap((i) => [...a.data.slice(2 * i, 2 * i + 2), ...b.data.slice(3 * i, 3 * i + 3)]);
    expectClose(results['y'], rows);
  });

  it('refuses what does not come together', () => {
    const once: Signal = { kind: 'vector', width: 2, perStep: false };
    const message = (...inputs: readonly Signal[]): string => attempt(call('concat'), inputs).errors[0]!.message;
    expect(message(once, wide)).toBe(
      '`concat` reads vectors that come once per sequence, as the first does, found a vector of 3 at each step',
    );
    expect(message(wide, { kind: 'ids', vocabulary: 9 })).toBe('`concat` reads vectors, found ids out of 9');
    const named = attempt(call('concat', argument(number(3), 'axis')), [wide, wide]);
    expect(named.errors[0]!.code).toBe('argument/unknown');
  });
});
