/** Bounds of cells hold for every shift of what goes in, small and large, around open and saturated gates. */
import { expect, it } from 'vitest';
import { streamKey, uniformAt } from '../tensor/random.js';
import { type Bounded, gateBound, gruBound, lstmBounds } from './cell-bounds.js';
import { activationErrors } from './error-bounds.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const error = activationErrors('exact');

/** Numbers from -1 to 1. */
function draws(purpose: string): () => number {
  const key = streamKey(4, purpose);
  let at = 0;
  return () => 2 * uniformAt(key, at++) - 1;
}
const drawn = (draw: () => number, width: number, most: number): Bounded => ({
  value: width * draw(),
  error: Math.abs(most * draw() ** 5),
});
const moved = ({ value, error: radius }: Bounded, draw: () => number): number =>
  value + radius * (draw() > 0 ? Math.sign(draw()) : draw());

const lstm = (z: readonly number[], c: number): readonly [number, number] => {
  const cNext = sigmoid(z[1]!) * c + sigmoid(z[0]!) * Math.tanh(z[2]!);
  return [cNext, sigmoid(z[3]!) * Math.tanh(cNext)];
};
const gru = (u: number, n: number, h: number): number => Math.tanh(n) + sigmoid(u) * (h - Math.tanh(n));

it.each([2, 30])('gates within %i', (width) => {
  const draw = draws(`cells ${width}`);
  for (let trial = 0; trial < 300; trial++) {
    const gates = Array.from({ length: 4 }, () => drawn(draw, width, 8));
    const [c, h] = [drawn(draw, 3, 2), drawn(draw, 1, 1)];
    const bounds = lstmBounds(gates, c, error);
    const [cNext, hNext] = lstm(
      gates.map(({ value }) => value),
      c.value,
    );
    const [u, n] = [gates[0]!, gates[1]!];
    const after = gru(u.value, n.value, h.value);
    const passed = gateBound(u, h, error);
    for (let shift = 0; shift < 20; shift++) {
      const z = gates.map((gate) => moved(gate, draw));
      const [cOff, hOff] = lstm(z, moved(c, draw));
      expect(Math.abs(cOff - cNext)).toBeLessThanOrEqual(bounds.cNext);
      expect(Math.abs(hOff - hNext)).toBeLessThanOrEqual(bounds.h);
      const state = moved(h, draw);
      expect(Math.abs(gru(z[0]!, z[1]!, state) - after)).toBeLessThanOrEqual(gruBound(u, n, h, error));
      expect(Math.abs(sigmoid(z[0]!) * state - passed.value)).toBeLessThanOrEqual(passed.error);
    }
  }
});

it('a cell whose gates are shut passes nothing on', () => {
  const shut = { value: -40, error: 10 };
  const open = { value: 0, error: 5 };
  const bounds = lstmBounds([shut, shut, open, shut], { value: 1, error: 1 }, error);
  expect(bounds.cNext).toBeLessThan(1e-12);
  expect(bounds.h).toBeLessThan(1e-12);
});
