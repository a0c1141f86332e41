import { describe, expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import { Fault } from '../../support/fault.js';
import { encodeOnnx, readOnnx } from './encode-onnx.js';
import { printOnnx } from './print-onnx.js';
import { graphToOnnx } from './to-onnx.js';

function affine(): Builder {
  const g = new Builder();
  g.input('x', [3, 5]);
  g.input('W', [7, 5]);
  g.input('bias', [7]);
  return g;
}

describe('graphToOnnx', () => {
  it('writes a product and its bias as one Gemm, and keeps names', () => {
    const g = affine();
    const graph = g.finish({ 'y.next': g.tanh(g.add(g.matmul(0, 1, { transposeB: true }), 2)) });
    expect(printOnnx(graphToOnnx(graph))).toBe(`onnx ir 8 opset 17
input x: float32 3x5
input W: float32 7x5
input bias: float32 7
op/4 = Gemm(x, W, bias) {transB=1}
y.next = Tanh(op/4)
output y.next: float32 3x7
`);
  });

  it('writes a product that is read twice once, by itself', () => {
    const g = affine();
    const product = g.matmul(0, 1, { transposeB: true });
    const ops = graphToOnnx(g.finish({ y: g.add(product, 2), z: product })).nodes.map((n) => n.op);
    expect(ops).toEqual(['Gemm', 'Add']);
  });

  it('writes slices that tile a value as one Split, others as Slice', () => {
    const g = new Builder();
    const x = g.input('x', [2, 6]);
    const [a, b] = [g.slice(x, 1, 0, 2), g.slice(x, 1, 2, 4)];
    const tiled = graphToOnnx(g.finish({ a, b, again: g.slice(x, 1, 0, 2) }));
    expect(tiled.nodes.map((n) => n.op)).toEqual(['Split', 'Identity']);
    const partly = graphToOnnx(g.finish({ b, middle: g.slice(x, 1, 1, 2) }));
    expect(partly.nodes.map((n) => n.op)).toEqual(['Slice', 'Slice']);
  });

  it('leaves out what no output needs, and keeps every input', () => {
    const g = affine();
    g.exp(0);
    const model = graphToOnnx(g.finish({ y: g.neg(0) }));
    expect(model.nodes.map((n) => n.op)).toEqual(['Neg']);
    expect(model.inputs.map((i) => i.name)).toEqual(['x', 'W', 'bias']);
  });

  it('makes given inputs part of the model', () => {
    const g = affine();
    const graph = g.finish({ y: g.matmul(0, 1, { transposeB: true }) });
    const W = { shape: [7, 5], data: Float32Array.from({ length: 35 }, (_, i) => i) };
    const model = readOnnx(encodeOnnx(graphToOnnx(graph, { constants: new Map([['W', W]]) })));
    expect(model.inputs.map((i) => i.name)).toEqual(['x', 'bias']);
    expect(model.initializers).toEqual([{ name: 'W', ...W }]);
  });

  it('stores no large fill', () => {
    const g = new Builder();
    const model = graphToOnnx(g.finish({ y: g.constant(2, [1000, 1000]) }));
    expect(encodeOnnx(model).length).toBeLessThan(1000);
  });
});

describe('encodeOnnx', () => {
  it('refuses weights that do not fit into one message', () => {
    const data = new Proxy(new Float32Array(0), { get: (_, key) => (key === 'byteLength' ? 2 ** 31 : undefined) });
    const model = { nodes: [], initializers: [{ name: 'W', shape: [0], data }], inputs: [], outputs: [] };
    expect(() => encodeOnnx(model)).toThrow(Fault);
  });
});
