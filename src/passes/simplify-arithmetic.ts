/** Rules of arithmetic: neutral elements, folded constants, and operands that need not be broadcast first. */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import { broadcastShape, type Shape, sameShape } from '../tensor/shape.js';
import { constantOf, madeBy, type Rule } from './rule.js';

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'max';
type Unary = 'neg' | 'exp' | 'log' | 'sqrt' | 'abs' | 'tanh' | 'sigmoid' | 'relu' | 'step' | 'sign';

const binaries: { readonly [K in Binary]: (x: number, y: number) => number } = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  max: Math.max,
};

const unaries: { readonly [K in Unary]: (x: number) => number } = {
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  abs: Math.abs,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0),
  step: (x) => (x > 0 ? 1 : 0),
  sign: Math.sign,
};

/** A value that broadcasts to the same elements as `v` and is smaller, when there is one. */
function thinner(b: Builder, v: Value): { readonly shape: Shape; readonly write: () => Value } | undefined {
  const op = b.ops[v]!;
  if (op.kind === 'broadcast') return { shape: b.shape(op.inputs[0]!), write: () => op.inputs[0]! };
  if (op.kind === 'constant' && op.shape.length > 0) return { shape: [], write: () => b.constant(op.attrs.value) };
  return undefined;
}

/** An operand that the other operand broadcasts anyway. */
const thin =
  (kind: Binary): Rule<Binary> =>
  (b, op) => {
    const [x, y] = op.inputs as readonly [Value, Value];
    const fits = (shape: Shape, other: Value): boolean => {
      const result = broadcastShape(shape, b.shape(other));
      return result !== undefined && sameShape(result, op.shape);
    };
    const left = thinner(b, x);
    if (left !== undefined && fits(left.shape, y)) return b[kind](left.write(), y);
    const right = thinner(b, y);
    if (right !== undefined && fits(right.shape, x)) return b[kind](x, right.write());
    return undefined;
  };

const fold =
  (kind: Binary): Rule<Binary> =>
  (b, op) => {
    const [x, y] = op.inputs.map((v) => constantOf(b, v));
    return x === undefined || y === undefined ? undefined : b.constant(binaries[kind](x, y), op.shape);
  };

const foldUnary =
  (kind: Unary): Rule<Unary> =>
  (b, op) => {
    const x = constantOf(b, op.inputs[0]!);
    return x === undefined ? undefined : b.constant(unaries[kind](x), op.shape);
  };

const addNothing: Rule<'add'> = (b, op) => {
  const [x, y] = op.inputs as readonly [Value, Value];
  if (constantOf(b, x) === 0) return b.broadcast(y, op.shape);
  return constantOf(b, y) === 0 ? b.broadcast(x, op.shape) : undefined;
};

const addNegative: Rule<'add'> = (b, op) => {
  const [x, y] = op.inputs as readonly [Value, Value];
  const right = madeBy(b, y, 'neg');
  if (right !== undefined) return b.sub(x, right.inputs[0]!);
  const left = madeBy(b, x, 'neg');
  return left === undefined ? undefined : b.sub(y, left.inputs[0]!);
};

const subtractNothing: Rule<'sub'> = (b, op) => {
  const [x, y] = op.inputs as readonly [Value, Value];
  if (constantOf(b, y) === 0) return b.broadcast(x, op.shape);
  return constantOf(b, x) === 0 ? b.broadcast(b.neg(y), op.shape) : undefined;
};

const subtractNegative: Rule<'sub'> = (b, op) => {
  const negative = madeBy(b, op.inputs[1]!, 'neg');
  return negative === undefined ? undefined : b.add(op.inputs[0]!, negative.inputs[0]!);
};

/** x * 0, x * 1, x * -1, (x * c) * d, -x * c. */
const scale: Rule<'mul'> = (b, op) => {
  const [x, y] = op.inputs as readonly [Value, Value];
  const [c, v] = constantOf(b, x) === undefined ? [constantOf(b, y), x] : [constantOf(b, x), y];
  if (c === undefined) return undefined;
  if (c === 0) return b.constant(0, op.shape);
  if (c === 1) return b.broadcast(v, op.shape);
  if (c === -1) return b.broadcast(b.neg(v), op.shape);
  if (!sameShape(b.shape(v), op.shape)) return undefined;
  const negative = madeBy(b, v, 'neg');
  if (negative !== undefined) return b.mul(negative.inputs[0]!, b.constant(-c));
  const product = madeBy(b, v, 'mul');
  if (product === undefined) return undefined;
  const [p, q] = product.inputs as readonly [Value, Value];
  const d = constantOf(b, q);
  return d === undefined ? undefined : b.broadcast(b.mul(p, b.constant(c * d)), op.shape);
};

/** Constants are written on the right, so that one pattern finds them. */
const constantRight: Rule<'mul'> = (b, op) => {
  const [x, y] = op.inputs as readonly [Value, Value];
  return constantOf(b, x) !== undefined && constantOf(b, y) === undefined ? b.mul(y, x) : undefined;
};

const divideByOne: Rule<'div'> = (b, op) =>
  constantOf(b, op.inputs[1]!) === 1 ? b.broadcast(op.inputs[0]!, op.shape) : undefined;

/** -(-x) and -(x - y). */
const negate: Rule<'neg'> = (b, op) => {
  const inner = b.ops[op.inputs[0]!]!;
  if (inner.kind === 'neg') return inner.inputs[0]!;
  return inner.kind === 'sub' ? b.sub(inner.inputs[1]!, inner.inputs[0]!) : undefined;
};

/** Rules per kind, tried in order. */
export const arithmeticRules = {
  add: [fold('add'), addNothing, addNegative, thin('add')],
  sub: [fold('sub'), subtractNothing, subtractNegative, thin('sub')],
  mul: [fold('mul'), scale, constantRight, thin('mul')],
  div: [fold('div'), divideByOne, thin('div')],
  max: [fold('max'), thin('max')],
  neg: [foldUnary('neg'), negate],
  exp: [foldUnary('exp')],
  log: [foldUnary('log')],
  sqrt: [foldUnary('sqrt')],
  abs: [foldUnary('abs')],
  tanh: [foldUnary('tanh')],
  sigmoid: [foldUnary('sigmoid')],
  relu: [foldUnary('relu')],
  step: [foldUnary('step')],
  sign: [foldUnary('sign')],
} as const;
