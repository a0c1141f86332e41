/** Every node of a training step gives the same bits each time it runs, with two threads. */
import { expect, test } from 'vitest';
import { repeatModel, repeatNodes } from '../../benchmarks/train/repeat-nodes.mjs';
import { Builder } from '../../src/graph/builder.js';
import { encodeOnnx } from '../../src/targets/onnx/encode-onnx.js';
import { graphToOnnx } from '../../src/targets/onnx/to-onnx.js';
import { languageModel } from './language-model.js';
import { ids, wave } from './op-cases.js';

const options = { threads: 2, runs: 10 };

test('every node of a small step repeats', async () => {
  const { graph, initial, feeds } = languageModel();
  const bytes = encodeOnnx(graphToOnnx(graph));
  const rows = await repeatNodes(bytes, { ...initial, ...feeds(0) }, options);
  expect(rows.filter((row) => !row.identical)).toEqual([]);
  expect(new Set(rows.map((row) => row.op)).size).toBeGreaterThan(12);
  expect(await repeatModel(bytes, { ...initial, ...feeds(0) }, options)).toBe(true);
});

test('the gradient of an embedding repeats where words repeat, at a size that two threads share', async () => {
  const g = new Builder();
  const [rows, width, words] = [1000, 650, 700];
  const y = g.scatter(g.input('ids', [words], 'int32'), g.input('updates', [words, width]), rows);
  const model = graphToOnnx(g.finish({ y }));
  const feeds = {
    ids: ids(...Array.from({ length: words }, (_, i) => (i * i) % 40)),
    updates: wave([words, width], 1),
  };
  expect(await repeatModel(encodeOnnx(model), feeds, options)).toBe(true);
});
