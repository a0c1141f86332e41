/**
 * Values that are wanted only, or also, as sums over the rows of equal ids: gradients that are scattered into a table,
 * and those that meet rows of a table in the gradient of a weight. The sums of a product's rows are a product of sums,
 * so that it is made with a row for each distinct id. Only finds them, and decides where they pay.
 */
import type { Graph, Op, OpOf, Value } from '../../graph/ops.js';
import { sameShape } from '../../tensor/shape.js';
import type { Uses } from '../graph-uses.js';
import type { DistinctRule } from './distinct-rule.js';
import { innerAxis, type OfIds, otherSide, type PerId, type Side } from './rows-per-id.js';

/** Sums over equal ids: of the value as it is, or made of the sums of these operands. */
export interface Sums extends OfIds {
  readonly of: readonly Value[];
}

/** What an op asks of an operand. */
interface Ask extends OfIds {
  /** Columns that a product makes of the sums in place of all rows. */
  readonly columns: number;
  readonly isScatter: boolean;
}

/** What a scatter asks of its updates. */
export const ofScatter = ({ inputs }: OpOf<'scatter'>): OfIds => ({ ids: inputs[0]!, axis: 0 });

const isSame = (a: OfIds, b: OfIds): boolean => a.ids === b.ids && a.axis === b.axis;

interface SumsFrom {
  readonly perId: ReadonlyMap<Value, PerId>;
  readonly rule: DistinctRule;
}

export class SumFinder {
  readonly #graph: Graph;
  readonly #uses: Uses;
  readonly #perId: ReadonlyMap<Value, PerId>;
  readonly #rule: DistinctRule;
  readonly #asks = new Map<Value, Ask[]>();
  readonly #found = new Map<Value, Sums[]>();

  constructor(graph: Graph, uses: Uses, { perId, rule }: SumsFrom) {
    this.#graph = graph;
    this.#uses = uses;
    this.#perId = perId;
    this.#rule = rule;
    for (let v = graph.ops.length - 1; v >= 0; v--) if (uses.live[v]) this.#ask(graph.ops[v]!, v);
    for (const v of [...this.#asks.keys()].sort((a, b) => a - b))
      for (const ask of this.#asks.get(v)!) if (this.of(v, ask) === undefined) this.#decide(v, ask);
  }

  /** The sums of a value over these ids along this axis, where they are made. */
  of(v: Value, wanted: OfIds): Sums | undefined {
    return this.#found.get(v)?.find((sums) => isSame(sums, wanted));
  }

  /** Sums that are made of other sums, by value; nothing reads these values otherwise. */
  made(): ReadonlyMap<Value, Sums> {
    const all = [...this.#found].flatMap(([v, [first]]) => (first!.of.length > 0 ? [[v, first!] as const] : []));
    return new Map(all);
  }

  /** Values that are summed up as they are. */
  taken(): readonly (readonly [Value, Sums])[] {
    const all = [...this.#found].flatMap(([v, each]) => each.map((sums) => [v, sums] as const));
    return all.filter(([, sums]) => sums.of.length === 0);
  }

  /** The operand with rows per id that this product sums over, and what it wants of the other one. */
  contraction(op: Op, v: Value): { readonly side: Side; readonly wanted: OfIds } | undefined {
    if (op.kind !== 'matmul' || op.shape.length !== 2 || this.#perId.has(v)) return undefined;
    const side = ([1, 0] as const).find((s) => this.#perId.get(op.inputs[s]!)?.axis === innerAxis(op, s));
    if (side === undefined) return undefined;
    const { ids } = this.#perId.get(op.inputs[side]!)!;
    return { side, wanted: { ids, axis: innerAxis(op, otherSide(side)) } };
  }

  #asking(v: Value, { ids, axis }: OfIds, columns: number, isScatter = false): void {
    const known = this.#asks.get(v);
    const ask = { ids, axis, columns, isScatter };
    if (known === undefined) this.#asks.set(v, [ask]);
    else known.push(ask);
  }

  #ask(op: Op, v: Value): void {
    const met = this.contraction(op, v);
    const wanted = this.#onlySums(v);
    if (op.kind === 'scatter') this.#asking(op.inputs[1]!, ofScatter(op), 0, true);
    else if (met !== undefined) this.#asking(op.inputs[otherSide(met.side)]!, met.wanted, op.shape[met.side]!);
    else if (wanted !== undefined) this.#askOfParts(op, wanted);
  }

  #askOfParts(op: Op, wanted: OfIds): void {
    const columns = op.kind === 'matmul' ? op.shape[otherSide(wanted.axis)]! : 0;
    for (const [part, asked] of this.#parts(op, wanted)) this.#asking(part, asked, columns);
  }

  /** What all who read a value ask of it, when none reads it otherwise. */
  #onlySums(v: Value): OfIds | undefined {
    const [first, ...rest] = this.#asks.get(v) ?? [];
    const all = first !== undefined && rest.every((ask) => isSame(ask, first));
    return all && 1 + rest.length === this.#uses.counts[v] ? first : undefined;
  }

  /** Of which operands, summed in which way, the sums of this op are made. */
  #parts(op: Op, { ids, axis }: OfIds): readonly (readonly [Value, OfIds])[] {
    const { ops } = this.#graph;
    if (op.kind === 'matmul' && op.shape.length === 2)
      return [[op.inputs[axis]!, { ids, axis: otherSide(innerAxis(op, axis)) }]];
    const adds = op.kind === 'add' && op.inputs.every((i) => sameShape(ops[i]!.shape, op.shape));
    return adds ? op.inputs.map((i) => [i, { ids, axis }]) : [];
  }

  #decide(v: Value, { ids, axis }: OfIds): void {
    const only = this.#onlySums(v);
    const op = this.#graph.ops[v]!;
    // Of a contraction the operands were asked for what it needs itself.
    const isMade = only !== undefined && this.contraction(op, v) === undefined;
    const parts = isMade ? this.#parts(op, only) : [];
    if (parts.some(([part, wanted]) => this.of(part, wanted) !== undefined)) {
      for (const [part, wanted] of parts)
        if (this.of(part, wanted) === undefined) this.#set(part, { ...wanted, of: [] });
      this.#set(v, { ids, axis, of: parts.map(([part]) => part) });
    } else if (this.#isWorth(v, { ids, axis })) this.#set(v, { ids, axis, of: [] });
  }

  #set(v: Value, sums: Sums): void {
    this.#found.set(v, [...(this.#found.get(v) ?? []), sums]);
  }

  /** Whether to sum a value up as it is. */
  #isWorth(v: Value, wanted: OfIds): boolean {
    const { mostIds, idsPerColumn, leastProduct, leastScattered } = this.#rule;
    const { shape } = this.#graph.ops[v]!;
    const [n, width] = [shape[wanted.axis]!, shape[otherSide(wanted.axis)]!];
    const asks = this.#asks.get(v)!.filter((ask) => isSame(ask, wanted));
    const columns = asks.reduce((sum, ask) => sum + ask.columns, 0);
    if (n > mostIds) return false;
    if (n <= idsPerColumn * columns && n * width * columns >= leastProduct) return true;
    return asks.some(({ isScatter }) => isScatter) && n * width >= leastScattered;
  }
}
