/**
 * Nodes of a tfjs graph model as calls of the kernels that a backend registers: which kernel, its operands by the
 * names that the kernel knows, and its attributes, all of which are constants of the model. One row per kind of node
 * that `targets/tfjs` writes.
 */
import { defined, invariant } from '../../support/assert.js';
import type { TfjsConstant, TfjsNode, TfjsOp } from '../../targets/tfjs/tfjs-model.js';

type Attributes = Readonly<Record<string, number | boolean | string | readonly number[] | readonly number[][]>>;

/** One call of a kernel. */
export interface KernelCall {
  /** As tfjs registers it. */
  readonly kernel: string;
  /** Names of values: by the operand's name, or a list for the kernels that take any number. */
  readonly operands: Readonly<Record<string, string>> | readonly string[];
  readonly attributes: Attributes;
}

/** Values of a constant operand. */
type Constants = (input: number) => readonly number[];
type Row = (node: TfjsNode, constants: Constants) => KernelCall;

const unary =
  (kernel: string): Row =>
  ({ inputs: [x] }) => ({ kernel, operands: { x: x! }, attributes: {} });

const binary =
  (kernel: string): Row =>
  ({ inputs: [a, b] }) => ({ kernel, operands: { a: a!, b: b! }, attributes: {} });

/** `first` is the only operand that is a value; the rest become attributes. */
const shaped =
  (kernel: string, attributes: (constants: Constants, node: TfjsNode) => Attributes): Row =>
  (node, constants) => ({ kernel, operands: { x: node.inputs[0]! }, attributes: attributes(constants, node) });

const pairs = (values: readonly number[]): number[][] =>
  Array.from({ length: values.length / 2 }, (_, i) => values.slice(2 * i, 2 * i + 2));

const flag = (node: TfjsNode, name: string): boolean => node.attributes[name] === true;

const rows: { readonly [K in TfjsOp]: Row } = {
  Abs: unary('Abs'),
  Exp: unary('Exp'),
  Identity: unary('Identity'),
  Log: unary('Log'),
  Neg: unary('Neg'),
  Relu: unary('Relu'),
  Round: unary('Round'),
  Sigmoid: unary('Sigmoid'),
  Sign: unary('Sign'),
  Sqrt: unary('Sqrt'),
  Tanh: unary('Tanh'),
  AddV2: binary('Add'),
  Greater: binary('Greater'),
  Maximum: binary('Maximum'),
  Minimum: binary('Minimum'),
  Mul: binary('Multiply'),
  RealDiv: binary('RealDiv'),
  Sub: binary('Sub'),
  Cast: shaped('Cast', () => ({ dtype: 'float32' })),
  Max: shaped('Max', (constants, node) => ({ reductionIndices: constants(1), keepDims: flag(node, 'keep_dims') })),
  Sum: shaped('Sum', (constants, node) => ({ axis: constants(1), keepDims: flag(node, 'keep_dims') })),
  Pad: shaped('PadV2', (constants) => ({ paddings: pairs(constants(1)), constantValue: 0 })),
  Reshape: shaped('Reshape', (constants) => ({ shape: constants(1) })),
  Slice: shaped('Slice', (constants) => ({ begin: constants(1), size: constants(2) })),
  SplitV: shaped('SplitV', (constants) => ({ numOrSizeSplits: constants(1), axis: constants(2)[0]! })),
  Tile: shaped('Tile', (constants) => ({ reps: constants(1) })),
  Transpose: shaped('Transpose', (constants) => ({ perm: constants(1) })),
  BatchMatMulV2: (node) => ({
    kernel: 'BatchMatMul',
    operands: { a: node.inputs[0]!, b: node.inputs[1]! },
    attributes: { transposeA: flag(node, 'adj_x'), transposeB: flag(node, 'adj_y') },
  }),
  ConcatV2: ({ inputs }, constants) => ({
    kernel: 'Concat',
    operands: inputs.slice(0, -1),
    attributes: { axis: constants(inputs.length - 1)[0]! },
  }),
  Fill: (_, constants) => ({
    kernel: 'Fill',
    operands: {},
    attributes: { shape: constants(0), value: constants(1)[0]!, dtype: 'float32' },
  }),
  GatherNd: ({ inputs: [params, indices] }) => ({
    kernel: 'GatherNd',
    operands: { params: params!, indices: indices! },
    attributes: {},
  }),
  GatherV2: ({ inputs: [x, indices] }, constants) => ({
    kernel: 'GatherV2',
    operands: { x: x!, indices: indices! },
    attributes: { axis: constants(2)[0]!, batchDims: 0 },
  }),
  Pack: ({ inputs, attributes }) => ({
    kernel: 'Pack',
    operands: inputs,
    attributes: { axis: attributes['axis'] as number },
  }),
  ScatterNd: ({ inputs: [indices, updates] }, constants) => ({
    kernel: 'ScatterNd',
    operands: { indices: indices!, updates: updates! },
    attributes: { shape: constants(2) },
  }),
  // Always of a matrix, over its columns.
  Softmax: ({ inputs: [logits] }) => ({ kernel: 'Softmax', operands: { logits: logits! }, attributes: { dim: 1 } }),
};

/** The call of a node, which is neither an input nor a constant. */
export function kernelCall(node: TfjsNode, known: ReadonlyMap<string, TfjsConstant>): KernelCall {
  const row = (rows as Readonly<Record<string, Row>>)[node.op];
  invariant(row !== undefined, `no kernel is known for the node ${node.op}`);
  return row(node, (input) => {
    const name = node.inputs[input]!;
    return [...defined(known.get(name), `the constant ${name} of a ${node.op}`).data];
  });
}
