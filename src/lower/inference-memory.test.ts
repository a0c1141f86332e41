import { describe, expect, it } from 'vitest';
import type { KernelCall } from '../kernels/calls.js';
import { executeBounded } from '../kernels/error-bounds.js';
import { Memory, RegionValues } from '../kernels/memory.js';
import type { Buffer } from '../kernels/planner.js';
import type { RecordedBuffer } from '../kernels/recorder.js';
import { bitsAt, streamKey } from '../tensor/random.js';
import { bufferAlignment, lifetimes, placeBuffers, type Schedule } from './inference-memory.js';
import type { PlacedBuffer } from './inference-plan.js';

const sizes = [1, 2, 3, 16, 17, 31, 64, 100];

interface RandomProgram {
  readonly buffers: readonly RecordedBuffer[];
  readonly schedule: Schedule;
}

/** Copies and activations between random buffers; the first is fed, the last written is read. */
function randomProgram(seed: number): RandomProgram {
  const key = streamKey(seed, 'program');
  let draws = 0;
  const below = (n: number): number => bitsAt(key, draws++) % n;
  const width = sizes[below(sizes.length)]!;
  const buffers: RecordedBuffer[] = [];
  const make = (): Buffer => {
    const size = width + below(40);
    buffers.push({ id: buffers.length, purpose: 'random', size, role: 'work' });
    return { id: buffers.length - 1, offset: 0, size: width };
  };
  const written = [make()];
  const calls: KernelCall[] = [];
  for (let i = 0; i < 3 + below(20); i++) {
    const x = written[below(written.length)]!;
    const y = make();
    written.push(y);
    calls.push({ kind: 'copy', layer: 'l', x, y }, { kind: 'activate', layer: 'l', function: 'tanh', x: y });
  }
  const cut = below(calls.length);
  const step = calls.slice(0, cut);
  const inStep = written.filter(({ id }) => id === 0 || step.some((c) => c.kind === 'copy' && c.y.id === id));
  const readEachStep = [inStep[below(inStep.length)]!.id];
  const ends = { fed: [0], readEachStep, readAtEnd: [written.at(-1)!.id] };
  const schedule = { loops: [step], finish: calls.slice(cut), maxSteps: 1, ...ends };
  return { buffers, schedule };
}

/** Values of some buffers after all calls: every buffer by itself, or all in one store. */
function valuesAfter({ buffers, schedule }: RandomProgram, placed: readonly PlacedBuffer[] | undefined): number[][] {
  const memory = new Memory(buffers);
  if (placed !== undefined) {
    const store = new Float64Array(10_000);
    const errors = new Float64Array(10_000);
    for (const { id, offset, size } of placed)
      memory.place(id, store.subarray(offset, offset + size), errors.subarray(offset, offset + size));
  }
  memory.values({ id: 0, offset: 0, size: buffers[0]!.size }).fill(0.5);
  const weights = new RegionValues([], () => new Float32Array());
  const execution = { memory, weights, id: () => 0, activationError: () => 0 };
  const values = (ids: readonly number[]) =>
    ids.flatMap((id) => [...memory.values({ id, offset: 0, size: buffers[id]!.size }).slice(0, 1)]);
  executeBounded(schedule.loops.flat(), execution);
  const eachStep = values(schedule.readEachStep);
  executeBounded(schedule.finish, execution);
  return [eachStep, values(schedule.readAtEnd)];
}

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

describe('working memory', () => {
  it('never lets two live buffers overlap, over random programs', () => {
    for (const seed of seeds) {
      const { buffers, schedule } = randomProgram(seed);
      const lives = lifetimes(schedule, new Set());
      const placed = placeBuffers(buffers, schedule);
      for (const a of placed.buffers) {
        expect(a.offset % bufferAlignment).toBe(0);
        expect(a.offset + a.size).toBeLessThanOrEqual(placed.workSize);
        for (const b of placed.buffers) {
          const [p, q] = [lives.get(a.id)!, lives.get(b.id)!];
          if (a.id === b.id || p.last < q.first || q.last < p.first) continue;
          expect(a.offset + a.size <= b.offset || b.offset + b.size <= a.offset).toBe(true);
        }
      }
    }
  });

  it('computes in shared memory what it computes with every buffer apart', () => {
    let shared = 0;
    for (const seed of seeds) {
      const program = randomProgram(seed);
      const placed = placeBuffers(program.buffers, program.schedule);
      expect(valuesAfter(program, placed.buffers)).toEqual(valuesAfter(program, undefined));
      if (placed.workSize < program.buffers.reduce((sum, { size }) => sum + size, 0)) shared++;
    }
    expect(shared).toBeGreaterThan(100);
  });

  it('keeps what the caller reads each step to the end of the step, and feeds from its start', () => {
    const [a, b, c] = [0, 1, 2].map((id) => ({ id, offset: 0, size: 8 })) as [Buffer, Buffer, Buffer];
    const copy = (x: Buffer, y: Buffer): KernelCall => ({ kind: 'copy', layer: 'l', x, y });
    const loops = [[copy(a, b), copy(a, c)]];
    const schedule = { loops, finish: [], maxSteps: 1, fed: [0], readEachStep: [1], readAtEnd: [] };
    expect(lifetimes(schedule, new Set())).toEqual(
      new Map([
        [0, { first: -1, last: 1 }],
        [1, { first: 0, last: 1 }],
        [2, { first: 1, last: 1 }],
      ]),
    );
  });
});
