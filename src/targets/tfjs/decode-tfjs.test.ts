import { expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import { decodeTfjs, type TfjsFile } from './decode-tfjs.js';
import { encodeTfjs, encodeTfjsWeights } from './encode-tfjs.js';
import { graphToTfjs } from './to-tfjs.js';

it('the files of a model give the model again', () => {
  const g = new Builder();
  const table = g.input('table', [5, 4]);
  const ids = g.input('ids', [3], 'int32');
  const rows = g.gather(table, ids);
  const parts = g.split(rows, 1, 2);
  const y = g.mul(g.tanh(parts[0]!), g.broadcast(g.constant(0.5), [3, 2]));
  const graph = g.finish({ y, total: g.sum(g.add(y, parts[1]!)) });
  const weights = new Map([['table', { shape: [5, 4], data: Float32Array.from({ length: 20 }, (_, i) => i / 7) }]]);
  const model = graphToTfjs(graph, { constants: weights });
  const file = JSON.parse(encodeTfjs(model)) as TfjsFile;
  expect(decodeTfjs(file, encodeTfjsWeights(model))).toEqual(model);
  expect(() => decodeTfjs(file, encodeTfjsWeights(model).subarray(4))).toThrow();
});
