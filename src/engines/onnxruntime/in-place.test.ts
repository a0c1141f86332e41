import { describe, expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import { evaluate } from '../../graph/evaluate.js';
import { writtenInPlace } from '../../graph/in-place.js';
import type { Graph, Value } from '../../graph/ops.js';
import { onnxruntime } from './onnxruntime.js';

const carries = new Map([['w.next', 'w']]);
const found = (graph: Graph): readonly string[] => [...writtenInPlace(graph, carries)];

/** `w.next` as `write` makes it of w (2 x 3) and x (2 x 3). */
function graphOf(write: (g: Builder, w: Value, x: Value) => Readonly<Record<string, Value>>): Graph {
  const g = new Builder();
  return g.finish(write(g, g.input('w', [2, 3]), g.input('x', [2, 3])));
}

/** After this update something still reads the old value. */
const readLater = graphOf((g, w, x) => {
  const next = g.sub(w, x);
  return { 'w.next': next, y: g.mul(w, next) };
});

describe('what is written over the value that it replaces', () => {
  it('is an update after which nothing reads the old value', () => {
    const g = graphOf((b, w, x) => ({ 'w.next': b.sub(w, b.mul(x, b.sum(b.mul(w, w)))) }));
    expect(found(g)).toEqual(['w.next']);
  });

  it('is not one whose old value is read later, or at a time that nothing fixes', () => {
    expect(found(readLater)).toEqual([]);
    expect(found(graphOf((b, w, x) => ({ y: b.exp(w), 'w.next': b.sub(w, x) })))).toEqual([]);
  });

  it('sees readers of a reshaped value', () => {
    const late = graphOf((b, w, x) => ({ y: b.exp(b.reshape(w, [6])), 'w.next': b.sub(w, x) }));
    expect(found(late)).toEqual([]);
    const early = graphOf((b, w) => ({ 'w.next': b.sub(w, b.reshape(b.exp(b.reshape(w, [6])), [2, 3])) }));
    expect([found(early), found(graphOf((b, w, x) => ({ 'w.next': b.sub(w, x), y: b.reshape(w, [6]) })))]).toEqual([
      ['w.next'],
      [],
    ]);
  });

  it('is not a product, nor a sum that may be one node with a product, nor the old value itself', () => {
    const square = new Builder();
    const w = square.input('w', [3, 3]);
    const product = square.matmul(w, w);
    expect(found(square.finish({ 'w.next': product }))).toEqual([]);
    expect(found(square.finish({ 'w.next': square.add(product, w) }))).toEqual([]);
    expect(found(graphOf((_, v) => ({ 'w.next': v })))).toEqual([]);
  });

  it('is not one that reads the old value elsewhere than where it writes', () => {
    const g = new Builder();
    const w = g.input('w', [1, 3]);
    expect(found(g.finish({ 'w.next': g.sub(w, g.slice(w, 1, 0, 1)) }))).toEqual(['w.next']);
    expect(found(g.finish({ 'w.next': g.sub(w, g.reshape(w, [3])) }))).toEqual([]);
  });

  it.each([
    ['in place', graphOf((g, w, x) => ({ 'w.next': g.sub(w, g.mul(x, g.sum(g.mul(w, w)))) }))],
    ['in two buffers', readLater],
  ])('a run with carried values, %s, gives those of the oracle', async (_, graph) => {
    const session = await onnxruntime.load(graph, { threads: 1, carries });
    const x = { shape: [2, 3], data: Float32Array.of(0.5, -1, 0.25, 2, 0, -0.5) };
    const w = { shape: [2, 3], data: Float32Array.of(1, -0.5, 0.125, 0.25, -2, 0.75) };
    session.set('w', w);
    let oracle = { shape: w.shape, data: Float64Array.from(w.data) };
    const doubles = { shape: x.shape, data: Float64Array.from(x.data) };
    for (let run = 0; run < 3; run++) {
      await session.run({ x });
      oracle = evaluate(graph, { x: doubles, w: oracle })['w.next']! as typeof oracle;
      [...(await session.get('w')).data].forEach((value, i) => {
        expect(Math.abs(value - oracle.data[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(oracle.data[i]!)));
      });
    }
    await session.close();
  });
});
