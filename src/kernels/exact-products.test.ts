/** Integer products by hand, and what a Kronecker product of integers is made of. */
import { describe, expect, it } from 'vitest';
import type { NumberFormat } from '../tensor/number-format.js';
import type { KernelCall } from './calls.js';
import { executeExact, isExact } from './exact.js';
import { RegionValues } from './memory.js';
import type { Buffer, Planner } from './planner.js';
import { Recorder } from './recorder.js';

const int8: NumberFormat = { kind: 'integer', word: 'int8', per: { kind: 'row' }, arithmetic: 'integer' };
const ref = (tensor: string, rows: number, columns: number) => ({ tensor, offset: 0, rows, columns });

/** What calls leave in y, beginning from zeros. */
function ran(
  tensors: Readonly<Record<string, readonly number[]>>,
  x: readonly number[],
  rows: number,
  plan: (p: Planner, x: Buffer, y: Buffer) => void,
) {
  const keptOf = (tensor: string) => tensors[tensor]!.filter((v) => v !== 0).length;
  const recorder = new Recorder({ keptOf, formatOf: () => int8 });
  const calls: KernelCall[] = [];
  recorder.enter('layer', calls);
  const [from, to] = [recorder.buffer('x', x.length, 'work'), recorder.buffer('y', rows, 'work')];
  plan(recorder, from, to);
  const buffers = new Map(recorder.buffers.map(({ id, size }) => [id, new Float32Array(size)]));
  const values = ({ id, offset, size }: Buffer) => buffers.get(id)!.subarray(offset, offset + size);
  values(from).set(x);
  const weights = new RegionValues(recorder.layouts, (tensor) => Float32Array.from(tensors[tensor]!));
  expect(isExact(calls, 'std')).toBe(true);
  const execution = { values, weights, codes: new Map(), id: () => 0, activation: 'std' } as const;
  for (const call of calls) executeExact(call, execution);
  return { y: [...values(to)], kinds: calls.map(({ kind }) => kind) };
}

// Largest magnitudes of 127, so that every scale is 1 and codes are the values.
describe('products of integers', () => {
  it('of a sparse matrix add up what is stored', () => {
    const { y, kinds } = ran({ S: [127, 0, 2, 0, 0, 0] }, [1, 5, 127], 2, (p, x, y) =>
      p.sparse({ ...ref('S', 2, 3), block: [1, 1] }, x, y),
    );
    expect([kinds, y]).toEqual([
      ['quantize', 'sparse'],
      [127 + 2 * 127, 0],
    ]);
  });

  it('of a Kronecker product round B X vector by vector', () => {
    // X = [[1, 2], [127, 127]]: columns of scale 1. B X = [[127, 254]]: a row of scale 2, its codes 64 (63.5) and 127.
    const { y, kinds } = ran({ B: [127, 0], C: [127, 0, 0, 127] }, [1, 2, 127, 127], 2, (p, x, y) =>
      p.kron(ref('B', 1, 2), ref('C', 2, 2), x, { count: 1, apart: 0, y }),
    );
    expect(kinds).toEqual(['quantize', 'gemm', 'quantize', 'gemv']);
    expect(y).toEqual([127 * 64 * 2, 127 * 127 * 2]);
  });

  it('share the codes of a vector until it is written to', () => {
    const { kinds } = ran({ W: [127, 1], V: [1, 127] }, [3, 127], 1, (p, x, y) => {
      p.gemv(ref('W', 1, 2), x, y, 'add');
      p.gemv(ref('V', 1, 2), x, y, 'add');
      p.add(x, x);
      p.gemv(ref('W', 1, 2), x, y, 'add');
    });
    expect(kinds).toEqual(['quantize', 'gemv', 'gemv', 'add', 'quantize', 'gemv']);
  });
});
