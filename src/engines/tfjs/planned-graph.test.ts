import { describe, expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import type { TfjsModel } from '../../targets/tfjs/tfjs-model.js';
import { graphToTfjs } from '../../targets/tfjs/to-tfjs.js';
import { PlannedGraph, write } from './planned-graph.js';
import { runtimeFor } from './runtime.js';

/** tanh(x) + x, its sum, and halves of a reshape of it that nobody reads all of. */
function model(): TfjsModel {
  const g = new Builder();
  const x = g.input('x', [2, 3]);
  const y = g.add(g.tanh(x), g.mul(x, g.constant(0.5)));
  const [left] = g.split(g.reshape(y, [3, 2]), 1, 2) as [number, number];
  return graphToTfjs(g.finish({ y, same: x, total: g.sum(y), left, one: g.constant(1) }));
}

const x = { shape: [2, 3], data: Float32Array.of(-1, 0, 0.5, 1, 2, 3) };

describe.each(['wasm', 'cpu'] as const)('on the %s backend', (name) => {
  it('a run leaves nothing behind but its outputs, which are the caller’s', async () => {
    const started = await runtimeFor(name);
    await started.core.setBackend(name);
    const backend = started.core.findBackend(name);
    const before = backend.numDataIds();
    const outputs = ['y', 'same', 'total', 'left', 'one'];
    const graph = new PlannedGraph(started, model(), outputs);
    const given = write(backend, x);
    const found = [0, 1, 2].map(() => {
      const made = graph.run([['x', given]]);
      const values = made.map(({ dataId }) => [...(backend.readSync(dataId) as Float32Array)]);
      for (const { dataId } of made) backend.disposeData(dataId);
      return values;
    });
    const y = [...x.data].map((v) => Math.fround(Math.tanh(v)) + v / 2);
    found[0]![0]!.forEach((v, i) => {
      expect(v).toBeCloseTo(y[i]!, 6);
    });
    expect(found[0]![1]).toEqual([...x.data]);
    expect(found[0]![2]![0]).toBeCloseTo(
      y.reduce((a, b) => a + b),
      5,
    );
    expect(found[0]![3]).toEqual([0, 2, 4].map((i) => found[0]![0]![i]));
    expect(found[0]![4]).toEqual([1]);
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
    backend.disposeData(given.dataId);
    graph.close();
    expect(backend.numDataIds()).toBe(before);
  });
});

it('refuses a node that it has no call for', async () => {
  const started = await runtimeFor('cpu');
  const node = { name: 'y', op: 'Conv2D' as 'Abs', inputs: ['x'], attributes: {} };
  const { inputs, outputs } = model();
  const odd: TfjsModel = { nodes: [node], constants: [], inputs, outputs };
  expect(() => new PlannedGraph(started, odd, ['y'])).toThrow('no kernel is known for the node Conv2D');
});
