import { describe, expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import { encodeTfjs, encodeTfjsWeights } from './encode-tfjs.js';
import { printTfjs } from './print-tfjs.js';
import { graphToTfjs } from './to-tfjs.js';

describe('graphToTfjs', () => {
  it('turns a matrix once for all products that read it, and keeps names', () => {
    const g = new Builder();
    const [x, w] = [g.input('x', [3, 5]), g.input('W', [5, 5])];
    const h = g.matmul(x, w, { transposeB: true });
    const graph = g.finish({ 'y.next': g.matmul(h, w, { transposeB: true }) });
    expect(printTfjs(graphToTfjs(graph))).toBe(`tfjs graph-model
input x: float32 3x5
input W: float32 5x5
constant i32/1_0: int32 2 = 1 0
tmp/0 = Transpose(W, i32/1_0)
op/2 = BatchMatMulV2(x, tmp/0)
y.next = BatchMatMulV2(op/2, tmp/0)
output y.next: float32 3x5
`);
  });

  it('writes slices that tile a value as one split', () => {
    const g = new Builder();
    const x = g.input('x', [2, 6]);
    const [a, b] = [g.slice(x, 1, 0, 2), g.slice(x, 1, 2, 4)];
    const ops = graphToTfjs(g.finish({ a, b })).nodes.map((n) => n.op);
    expect(ops.filter((op) => op === 'SplitV')).toHaveLength(1);
    expect(ops).not.toContain('Slice');
  });

  it('makes given inputs part of the weights file, in the order of the manifest', () => {
    const g = new Builder();
    const y = g.mul(g.input('x', [2]), g.input('w', [2]));
    const w = { shape: [2], data: Float32Array.of(1.5, -2) };
    const model = graphToTfjs(g.finish({ y }), { constants: new Map([['w', w]]) });
    expect(new Float32Array(encodeTfjsWeights(model).buffer)).toEqual(w.data);
    const file = JSON.parse(encodeTfjs(model));
    expect(file.weightsManifest).toEqual([
      { paths: ['weights.bin'], weights: [{ name: 'w', shape: [2], dtype: 'float32' }] },
    ]);
    expect(Object.keys(file.signature.inputs)).toEqual(['x']);
    expect(file.signature.outputs.y).toEqual({
      name: 'y:0',
      dtype: 'DT_FLOAT',
      tensorShape: { dim: [{ size: '2' }] },
    });
  });
});
