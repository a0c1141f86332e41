import { describe, expect, it } from 'vitest';
import { Builder } from '../graph/builder.js';
import { evaluate } from '../graph/evaluate.js';
import type { Graph, OpKind, Value } from '../graph/ops.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { size } from '../tensor/shape.js';
import { batchSteps } from './batch-steps.js';
import { graphInputs } from './drop-unused.js';
import { joinFactors } from './join-factors.js';
import { runPasses } from './run-passes.js';

const count = (graph: Graph, kind: OpKind): number => graph.ops.filter((op) => op.kind === kind).length;

function expectSame(before: Graph, after: Graph): void {
  const draw = (name: string, shape: readonly number[]) => {
    const data = new Float64Array(size(shape));
    fillUniform(data, 0.9, streamKey(5, name));
    return { shape, data };
  };
  const feed = Object.fromEntries(graphInputs(before).map(({ attrs, shape }) => [attrs.name, draw(attrs.name, shape)]));
  const [expected, found] = [evaluate(before, feed), evaluate(after, feed)];
  for (const [name, { data }] of Object.entries(expected)) expect([...found[name]!.data]).toEqual([...data]);
}

/**
 * h' = tanh(x_t + h W) forward, and backward a chain of dh' (1 - h h) W: the factors 1 - h h wait for nothing. With
 * `early`, each is used in its own step besides.
 */
function chain(steps: number, early = false): Graph {
  const g = new Builder();
  const [x, w] = [g.input('x', [steps * 2, 3]), g.input('w', [3, 3])];
  let h = g.input('h', [2, 3]);
  const one = g.constant(1);
  const states: Value[] = [];
  for (let t = 0; t < steps; t++) {
    h = g.tanh(g.add(g.slice(x, 0, 2 * t, 2), g.matmul(h, w)));
    if (early) h = g.add(h, g.sub(one, g.mul(h, h)));
    states.push(h);
  }
  let dh = g.input('dh', [2, 3]);
  for (const state of states.reverse()) {
    const dz = g.mul(dh, g.sub(one, g.mul(state, state)));
    dh = g.matmul(dz, w, { transposeB: true });
  }
  return g.finish({ h, dh });
}

describe('batch-steps', () => {
  it('makes what no step waits for once for all, in the order of time', () => {
    const before = chain(9);
    const after = runPasses(before, [batchSteps]);
    expect([count(before, 'sub'), count(after, 'sub')]).toEqual([9, 1]);
    // The squares are one product; the chain itself has its nine.
    expect([count(before, 'mul'), count(after, 'mul')]).toEqual([18, 10]);
    const square = after.ops.find((op) => op.kind === 'mul')!;
    expect(square.inputs[0]).toBe(square.inputs[1]);
    const stacked = after.ops[square.inputs[0]!]!;
    expect([stacked.kind, stacked.shape]).toEqual(['concat', [18, 3]]);
    expect([...stacked.inputs]).toEqual([...stacked.inputs].sort((a, b) => a - b));
    expectSame(before, after);
  });

  it('leaves what the next step waits for', () => {
    const before = chain(9, true);
    const after = runPasses(before, [batchSteps]);
    expect(count(after, 'tanh')).toBe(9);
    expectSame(before, after);
  });

  it('leaves a few steps as they are, and large ops', () => {
    const few = chain(7);
    expect(batchSteps.run(few)).toBe(few);
    const g = new Builder();
    const parts = Array.from({ length: 9 }, (_, i) => g.exp(g.input(`x${i}`, [64, 513])));
    const large = g.finish({ y: g.concat(parts, 1) });
    expect(batchSteps.run(large)).toBe(large);
  });

  it('leaves results that are outputs', () => {
    const g = new Builder();
    const outputs = Array.from({ length: 9 }, (_, i) => [`y${i}`, g.exp(g.input(`x${i}`, [2, 3]))] as const);
    const graph = g.finish(Object.fromEntries(outputs));
    expect(batchSteps.run(graph)).toBe(graph);
  });
});

/** concat(a k_t, b l_t) with k_t and l_t rows of two tensors, `shift` rows apart. */
function scaledParts(shift: number): Graph {
  const g = new Builder();
  const [k, l] = [g.input('k', [8, 3]), g.input('l', [8, 5])];
  const [a, b] = [g.input('a', [2, 3]), g.input('b', [2, 5])];
  const right = g.mul(g.slice(l, 0, 4 + shift, 2), b);
  return g.finish({ y: g.concat([g.mul(a, g.slice(k, 0, 4, 2)), right], 1) });
}

describe('join-factors', () => {
  it('takes the factors out of a concat when they are the same rows', () => {
    const before = scaledParts(0);
    const after = runPasses(before, [joinFactors]);
    expect([count(before, 'mul'), count(after, 'mul'), count(after, 'slice')]).toEqual([2, 1, 1]);
    expectSame(before, after);
  });

  it('leaves other rows', () => {
    const before = scaledParts(1);
    expect(count(runPasses(before, [joinFactors]), 'mul')).toBe(2);
  });
});
