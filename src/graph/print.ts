/** A graph as text, one op per line: stable, so that tests and `--print-after` can compare it. */
import { formatShape } from '../tensor/shape.js';
import type { Graph, Op, OpKind, OpOf } from './ops.js';

type Row<K extends OpKind> = (op: OpOf<K>, operands: readonly string[]) => string;

const plain = (op: Op, operands: readonly string[]): string => [op.kind, ...operands].join(' ');
const listed =
  <K extends OpKind>(attributes: (op: OpOf<K>) => string): Row<K> =>
  (op, operands) =>
    [op.kind, ...operands, attributes(op)].join(' ');

/** Kinds whose line shows more than operands and shape. */
const rows: { readonly [K in OpKind]: Row<K> } = {
  input: (op) => `input ${JSON.stringify(op.attrs.name)}${op.attrs.type === 'int32' ? ' int32' : ''}`,
  constant: (op) => `constant ${op.attrs.value}`,
  matmul: ({ attrs: { transposeA, transposeB } }, [a, b]) =>
    `matmul ${a}${transposeA ? '^T' : ''} ${b}${transposeB ? '^T' : ''}`,
  add: plain,
  sub: plain,
  mul: plain,
  div: plain,
  max: plain,
  neg: plain,
  exp: plain,
  log: plain,
  sqrt: plain,
  abs: plain,
  tanh: plain,
  sigmoid: plain,
  relu: plain,
  step: plain,
  sign: plain,
  snap: listed((op) => `to ${op.attrs.levels} levels in runs of ${op.attrs.run}`),
  snapTo: listed((op) => `to ${op.attrs.levels} levels in runs of ${op.attrs.run}`),
  snapSlope: listed((op) => `to ${op.attrs.levels} levels in runs of ${op.attrs.run}`),
  reshape: plain,
  transpose: listed((op) => `by ${op.attrs.permutation.join(',')}`),
  broadcast: plain,
  concat: listed((op) => `along ${op.attrs.axis}`),
  slice: listed((op) => `along ${op.attrs.axis} from ${op.attrs.start}`),
  pad: listed((op) => `along ${op.attrs.axis} before ${op.attrs.before}`),
  sum: listed((op) => `over ${op.attrs.axes.join(',')}${op.attrs.keep ? ' kept' : ''}`),
  gather: plain,
  scatter: plain,
  softmax: plain,
  crossEntropy: plain,
  crossEntropyGradient: plain,
};

/** `%12 = matmul %3 %7^T : 20x800` per op, then `loss = %12` per output; ends with a newline. */
export function printGraph(graph: Graph): string {
  const lines = graph.ops.map((op, v) => {
    const row = rows[op.kind] as Row<OpKind>;
    const operands = op.inputs.map((i) => `%${i}`);
    return `%${v} = ${row(op as OpOf<OpKind>, operands)} : ${formatShape(op.shape)}`;
  });
  const outputs = Object.entries(graph.outputs).map(([name, v]) => `${name} = %${v}`);
  return `${[...lines, ...outputs].join('\n')}\n`;
}
