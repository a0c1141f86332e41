/**
 * f(a) + f(b) + ... = f(a + b + ...) for linear f: layout ops, sums, negation, scatter by the same ids, and products
 * with the same value. What is left inside is smaller, or is what `batch-products` looks for.
 */
import type { Builder } from '../graph/builder.js';
import type { Op, OpOf, Value } from '../graph/ops.js';
import { sameShape } from '../tensor/shape.js';
import type { Pass } from './pass.js';
import { addAll, groupBy, rewriteSums, type Term } from './sums.js';

/** The linear op of a term, around what is added up inside it. */
interface Factor {
  /** Equal for terms that may share one op. */
  readonly key: string;
  readonly inside: Value;
  readonly apply: (inside: Value) => Value;
}

/** Of a product, the operand of the product's own shape is inside, and the other must be common. */
function productFactor(b: Builder, op: OpOf<'mul'> | OpOf<'div'>): readonly Factor[] {
  const [x, y] = op.inputs as readonly [Value, Value];
  const by = (inside: Value, common: Value): Factor[] =>
    sameShape(b.shape(inside), op.shape)
      ? [{ key: `${op.kind} ${common}`, inside, apply: (v) => b[op.kind](v, common) }]
      : [];
  return op.kind === 'div' ? by(x, y) : [...by(x, y), ...by(y, x)];
}

/** The ways in which a term is linear in something. */
function factorsOf(b: Builder, op: Op): readonly Factor[] {
  const inside = op.inputs.at(-1)!;
  switch (op.kind) {
    case 'mul':
    case 'div':
      return productFactor(b, op);
    case 'scatter':
      return [{ key: `scatter ${op.inputs[0]}`, inside, apply: (v) => b.scatter(op.inputs[0]!, v, op.shape[0]!) }];
    case 'sum':
      // Other sums are better made one sum of a concat.
      if (b.ops[inside]!.kind !== 'matmul') return [];
      break;
    case 'neg':
    case 'reshape':
    case 'transpose':
    case 'broadcast':
    case 'pad':
      break;
    default:
      return [];
  }
  const key = `${op.kind} ${JSON.stringify(op.attrs)} ${b.shape(inside).join('x')}`;
  return [{ key, inside, apply: (v) => b.push(op.kind, [v], op.attrs, op.shape) }];
}

/** Terms by the linear op they have in common; a term goes where it meets most others. */
function commonFactors(b: Builder, values: readonly Value[]): ReadonlyMap<string, readonly Factor[]> {
  const all = values.map((v) => factorsOf(b, b.ops[v]!));
  const counts = new Map<string, number>();
  for (const { key } of all.flat()) counts.set(key, (counts.get(key) ?? 0) + 1);
  const chosen = all.map((factors, at) => {
    const best = factors.reduce<Factor | undefined>(
      (x, y) => (x === undefined || counts.get(y.key)! > counts.get(x.key)! ? y : x),
      undefined,
    );
    return best ?? { key: `alone ${at}`, inside: values[at]!, apply: (v: Value) => v };
  });
  return groupBy(chosen, (f) => f.key);
}

/** Values with the total of `values`, linear ops taken out as long as terms share them. */
function factored(b: Builder, values: readonly Value[]): readonly Value[] {
  const around: Factor['apply'][] = [];
  let inside = values;
  let groups = commonFactors(b, inside);
  // A loop where all terms share an op: such chains may be long. Each recursion below has fewer terms.
  while (groups.size === 1 && inside.length > 1) {
    const [group] = groups.values();
    around.push(group![0]!.apply);
    inside = group!.map((f) => f.inside);
    groups = commonFactors(b, inside);
  }
  if (groups.size < inside.length) {
    inside = [...groups.values()].map((group) => {
      const terms = group.map((f) => f.inside);
      return group[0]!.apply(terms.length === 1 ? terms[0]! : addAll(b, factored(b, terms)));
    });
  }
  if (around.length === 0) return inside;
  return [around.reduceRight((v, apply) => apply(v), addAll(b, inside))];
}

function factorTerms(b: Builder, terms: readonly Term[]): readonly Value[] | undefined {
  const values = terms.map((t) => t.value);
  const fewer = factored(b, values);
  return fewer === values ? undefined : fewer;
}

export const factorSums: Pass = {
  name: 'factor-sums',
  why: 'what every time step does to its share of a gradient is done once to the total',
  run: (graph) => rewriteSums(graph, factorTerms),
};
