/**
 * A product of several factors is made of products that exist already, and multiplies first what is known first. The
 * gradient of a gate, dc g i (1 - i), so uses the i g of the forward pass; and i (1 - g g) is i - (i g) g.
 */
import { Builder } from '../graph/builder.js';
import type { Graph, Op, OpAttrs, OpKind, Value } from '../graph/ops.js';
import { type Shape, sameShape } from '../tensor/shape.js';
import type { Pass } from './pass.js';
import { copy, countUses, rebuild } from './rebuild.js';
import { constantOf, madeBy } from './rule.js';

/** A product of two values of its own shape: what may be reordered. */
const isProduct = (ops: readonly Op[], op: Op): boolean =>
  op.kind === 'mul' && op.inputs.every((i) => sameShape(ops[i]!.shape, op.shape));

/** Which products are only a step inside a larger one. */
function innerProducts(graph: Graph): Uint8Array {
  const uses = countUses(graph);
  const inner = new Uint8Array(graph.ops.length);
  for (const op of graph.ops) {
    if (!isProduct(graph.ops, op)) continue;
    for (const i of op.inputs) if (uses[i] === 1 && isProduct(graph.ops, graph.ops[i]!)) inner[i] = 1;
  }
  return inner;
}

/** Factors of the product `root`, left to right. */
function factorsOf(graph: Graph, root: Value, inner: Uint8Array): Value[] {
  return graph.ops[root]!.inputs.flatMap((v) => (inner[v] === 1 ? factorsOf(graph, v, inner) : [v]));
}

/** y of 1 - y y. */
function squareOf(b: Builder, v: Value): Value | undefined {
  const difference = madeBy(b, v, 'sub');
  if (difference === undefined || constantOf(b, difference.inputs[0]!) !== 1) return undefined;
  const square = madeBy(b, difference.inputs[1]!, 'mul');
  return square !== undefined && square.inputs[0] === square.inputs[1] ? square.inputs[0] : undefined;
}

/** Writes products, and knows the products of two that are written. */
class ProductWriter extends Builder {
  private readonly known = new Map<string, Value>();
  /** Matrix products one after the other that a value has to wait for. */
  private readonly depths: number[] = [];

  override push<K extends OpKind>(kind: K, inputs: readonly Value[], attrs: OpAttrs[K], shape: Shape): Value {
    const before = inputs.reduce((depth, i) => Math.max(depth, this.depths[i]!), 0);
    this.depths.push(kind === 'matmul' ? before + 1 : before);
    return super.push(kind, inputs, attrs, shape);
  }

  private find(x: Value, y: Value): Value | undefined {
    return this.known.get(x < y ? `${x} ${y}` : `${y} ${x}`);
  }

  /** How to write x times a factor with a product that is known: x y itself, or x - (x y) y for a factor 1 - y y. */
  private rule(x: Value, factor: Value): Known | undefined {
    const product = this.find(x, factor);
    if (product !== undefined) return { product, write: () => product };
    const y = squareOf(this, factor);
    const known = y === undefined ? undefined : this.find(x, y);
    return known === undefined ? undefined : { product: known, write: () => this.sub(x, this.mul(known, y!)) };
  }

  /** The factors with two of them replaced by one, whose product is known earliest; undefined when none is. */
  private shortened(factors: readonly Value[]): readonly Value[] | undefined {
    const found = factors.flatMap((x, i) =>
      factors.flatMap((y, j) => {
        const known = i === j ? undefined : this.rule(x, y);
        return known === undefined ? [] : [{ ...known, i, j }];
      }),
    );
    if (found.length === 0) return undefined;
    const { i, j, write } = found.reduce((x, y) => (this.depths[y.product]! < this.depths[x.product]! ? y : x));
    return [...factors.filter((_, at) => at !== i && at !== j), write()];
  }

  /** The product of all: what has to be waited for longest comes last. */
  product(all: readonly Value[]): Value {
    let factors = all;
    if (all.length > 2 && all.length <= mostFactors) {
      for (let fewer = this.shortened(all); fewer !== undefined; fewer = this.shortened(fewer)) factors = fewer;
    }
    const inOrder = [...factors].sort((x, y) => this.depths[x]! - this.depths[y]!);
    return inOrder.reduce((x, y) => this.mul(x, y));
  }

  /** A product of two, which others may use from now on. */
  pair(x: Value, y: Value): Value {
    const product = this.mul(x, y);
    this.known.set(x < y ? `${x} ${y}` : `${y} ${x}`, product);
    return product;
  }
}

interface Known {
  readonly product: Value;
  readonly write: () => Value;
}

/** Longer products are left as they are: every pair of factors is looked at. */
const mostFactors = 16;

export const reuseProducts: Pass = {
  name: 'reuse-products',
  why: 'the derivative of a gate is made of products of the forward pass, apart from what arrives last',
  run: (graph) => {
    const inner = innerProducts(graph);
    const renamed: Value[] = [];
    return rebuild(graph, new ProductWriter(), (b, op, inputs, v) => {
      let result: Value;
      if (inner[v] === 1 || !isProduct(graph.ops, op)) result = copy(b, op, inputs, v);
      else {
        const factors = factorsOf(graph, v, inner).map((f) => renamed[f]!);
        result = factors.length === 2 ? b.pair(factors[0]!, factors[1]!) : b.product(factors);
      }
      renamed.push(result);
      return result;
    });
  },
};
