import { expect, it } from 'vitest';
import { Builder } from '../graph/builder.js';
import type { StepGraph } from './training-graph.js';
import { trainingMemory } from './training-memory.js';

it('counts in place once, all else that stays twice, masks once, what is fed twice, values at the worst moment', () => {
  const g = new Builder();
  const w = g.input('w', [8, 8]);
  const mask = g.input('mask.w', [8, 8]);
  const h = g.input('state.h', [4, 8]);
  const draw = g.input('drop', [4, 8]);
  // a (4 x 8) and b (4 x 8) are alive at once; the new state and the new weight have places of their own.
  const a = g.matmul(h, w);
  const b = g.matmul(a, w);
  const next = g.mul(g.add(a, b), draw);
  const update = g.mul(g.matmul(a, b, { transposeA: true }), mask);
  const step: StepGraph = {
    graph: g.finish({ 'w.next': update, 'state.h.next': next }),
    steps: 1,
    batch: 4,
    parameters: [{ name: 'w', shape: [8, 8], bound: 1, value: 0, patch: undefined, mask: 'mask.w' }],
    carried: [{ name: 'state.h', shape: [4, 8], role: 'state' }],
    draws: [{ name: 'drop', shape: [4, 8], role: { kind: 'dropout', rate: 0.5 } }],
    data: [],
    trains: true,
  };
  const memory = trainingMemory(step);
  // The new state is written over the old one; the new weight is a product, which is still read while it is written.
  expect(memory).toMatchObject({ carried: 4 * (2 * 64 + 32), masks: 4 * 64, fed: 2 * 4 * 32 });
  // a, b and their sum; later a, b and the product before the mask, which is the worst moment.
  expect(memory.values).toBe(4 * (32 + 32 + 64));
  expect(memory.start).toBe(4 * (64 + 32 + 64));
  const { carried, masks, fed, values, engine, start } = memory;
  expect(memory.step).toBe(carried + masks + fed + values + engine + memory.update + start);
  expect(memory.update).toBe(4 * (64 + 32 + 64));
  // An engine of another kind: half a byte for each byte of values, ten for each op, three for each that stays.
  const other = trainingMemory(step, { perByte: 0.5, perOp: 10, perCarried: 3, start: 0, inPlace: false });
  expect(other.engine).toBe(0.5 * values + 10 * step.graph.ops.length);
  expect(other.carried).toBe(2 * 4 * (64 + 32));
  expect(other.update).toBe(3 * 4 * (64 + 32 + 64));
  expect(other.step).toBe(masks + fed + values + other.carried + other.engine + other.update);
  expect(memory.checkpoint).toBe(3 * 4 * (64 + 32 + 64));
});

it('counts values of the step as the processor runs it, with large weights in the pieces that are read', () => {
  const g = new Builder();
  const [units, inputs, batch] = [256, 768, 2];
  const w = g.input('w', [1, units, inputs + units]);
  const flat = g.reshape(w, [units, inputs + units]);
  const [x, h] = [g.input('x', [batch, inputs]), g.input('state.h', [batch, units])];
  const wx = g.slice(flat, 1, 0, inputs);
  const fromX = g.matmul(x, wx, { transposeB: true });
  const z = g.tanh(g.add(fromX, g.matmul(h, g.slice(flat, 1, inputs, units), { transposeB: true })));
  const gradient = g.reshape(g.matmul(z, g.concat([x, h], 1), { transposeA: true }), g.shape(w));
  const dx = g.matmul(z, wx);
  // What is written over a block must wait for its readers.
  const next = g.sub(w, g.mul(gradient, g.sum(dx)));
  const step: StepGraph = {
    graph: g.finish({ dx, 'w.next': next, 'state.h.next': z }),
    steps: 1,
    batch,
    parameters: [{ name: 'w', shape: g.shape(w), bound: 1, value: 0, patch: undefined, mask: undefined }],
    carried: [{ name: 'state.h', shape: [batch, units], role: 'state' }],
    draws: [],
    data: [],
    trains: true,
  };
  const bytes = 4 * units * (inputs + units);
  const small = 4 * batch * (inputs + units);
  // The gradient; of a weight stored as a whole also the columns of x, cut out and not yet read for the last time.
  const whole = trainingMemory(step, { perByte: 0, perOp: 0, perCarried: 0, start: 0, inPlace: false });
  expect(whole.values).toBeGreaterThanOrEqual(1.75 * bytes);
  const { carried, values } = trainingMemory(step);
  expect(values).toBeGreaterThanOrEqual(bytes);
  expect(values).toBeLessThanOrEqual(bytes + 2 * small);
  // Both blocks are written in place; the state, which is read while the next one is made, is not.
  expect(carried).toBe(bytes + 2 * 4 * batch * units);
});
