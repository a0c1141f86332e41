/**
 * Which carried weights can be stored in pieces, and in which: decided from who reads a weight, its next value and all
 * that is computed between the two (moments, the gradient's square), element by element.
 */
import { elementwise } from '../graph/elementwise.js';
import type { Graph, Op, Value } from '../graph/ops.js';
import { isTall } from '../graph/products.js';
import { type Shape, sameShape, size } from '../tensor/shape.js';

/** How a tensor is stored: its last two axes swapped, or as one tensor for each of some runs of its last axis. */
export type CarriedForm =
  | { readonly kind: 'turned' }
  | { readonly kind: 'columns'; readonly counts: readonly number[] };

/** Whether a reshape leaves what `form` divides as it is. */
export function keepsPieces(form: CarriedForm, from: Shape, to: Shape): boolean {
  const kept = form.kind === 'columns' ? 1 : 2;
  return to.length >= kept && sameShape(from.slice(-kept), to.slice(-kept));
}

/** What is stored alike: an input, its next value, and all that is computed between, element by element. */
export interface Family {
  readonly form: CarriedForm;
  readonly members: ReadonlySet<Value>;
  /** Members in another shape. */
  readonly reshaped: ReadonlySet<Value>;
}

export class FamilyFinder {
  readonly #graph: Graph;
  readonly #readers: readonly (readonly Value[])[];
  /** Carried input -> the output that replaces it. */
  readonly #next: ReadonlyMap<string, string>;
  readonly #outputs: ReadonlyMap<Value, readonly string[]>;

  constructor(graph: Graph, carries: ReadonlyMap<string, string>) {
    this.#graph = graph;
    const readers: Value[][] = graph.ops.map(() => []);
    graph.ops.forEach(({ inputs }, v) => {
      for (const i of new Set(inputs)) readers[i]!.push(v);
    });
    this.#readers = readers;
    this.#next = new Map([...carries].map(([output, input]) => [input, output]));
    const outputs = new Map<Value, string[]>();
    for (const [name, v] of Object.entries(graph.outputs)) outputs.set(v, [...(outputs.get(v) ?? []), name]);
    this.#outputs = outputs;
  }

  #op(v: Value): Op {
    return this.#graph.ops[v]!;
  }

  /** All values of the shape of `start` that are computed from or with it, element by element. */
  #connected(start: Value): ReadonlySet<Value> | undefined {
    const { shape } = this.#op(start);
    const like = (v: Value): boolean => sameShape(this.#op(v).shape, shape);
    const members = new Set<Value>([start]);
    for (const v of members) {
      const op = this.#op(v);
      const parts = elementwise.has(op.kind) ? op.inputs : [];
      // What is spread along an axis would have to be cut up or turned as well.
      if (parts.some((i) => !like(i) && size(this.#op(i).shape) !== 1)) return undefined;
      for (const i of parts) if (like(i)) members.add(i);
      for (const r of this.#readers[v]!) if (elementwise.has(this.#op(r).kind)) members.add(r);
      if (this.#readers[v]!.some((r) => elementwise.has(this.#op(r).kind) && !like(r))) return undefined;
    }
    return members;
  }

  /** Every input among the members must be carried to a member, every output carried from one. */
  #isClosed(members: ReadonlySet<Value>): boolean {
    const carried = new Set<string>();
    for (const v of members) {
      const op = this.#op(v);
      if (op.kind !== 'input') continue;
      const next = this.#next.get(op.attrs.name);
      if (next === undefined || !members.has(this.#graph.outputs[next]!)) return false;
      carried.add(next);
    }
    return [...members].every((v) => (this.#outputs.get(v) ?? []).every((name) => carried.has(name)));
  }

  /** Whether `v` is added up as a whole, by itself or behind others. */
  #isSummed(v: Value): boolean {
    const op = this.#op(v);
    if (op.kind === 'sum') return size(op.shape) === 1;
    if (op.kind !== 'concat' || this.#outputs.has(v)) return false;
    return this.#readers[v]!.every((r) => this.#op(r).kind === 'sum' && size(this.#op(r).shape) === 1);
  }

  /** Members in other shapes, when nothing but reshapes and whole sums reads the members. */
  #reshaped(members: ReadonlySet<Value>): ReadonlySet<Value> | undefined {
    const found = new Set<Value>();
    for (const v of members)
      for (const r of this.#readers[v]!) {
        if (this.#op(r).kind === 'reshape') found.add(r);
        else if (!members.has(r) && !this.#isSummed(r)) return undefined;
      }
    return [...found].some((v) => this.#outputs.has(v)) ? undefined : found;
  }

  /** Blocks of columns, when every reader takes one of them and they are all there is. */
  #columns(reshaped: ReadonlySet<Value>): CarriedForm | undefined {
    const counts = new Map<number, number>();
    let width = 0;
    for (const v of reshaped) {
      width = this.#op(v).shape.at(-1)!;
      for (const r of this.#readers[v]!) {
        const op = this.#op(r);
        if (op.kind !== 'slice' || op.attrs.axis !== op.shape.length - 1) return undefined;
        const count = op.shape.at(-1)!;
        if ((counts.get(op.attrs.start) ?? count) !== count) return undefined;
        counts.set(op.attrs.start, count);
      }
    }
    const blocks = [...counts].sort(([a], [b]) => a - b);
    let end = 0;
    for (const [start, count] of blocks) {
      if (start !== end) return undefined;
      end += count;
    }
    return end === width && blocks.length > 1 ? { kind: 'columns', counts: blocks.map(([, n]) => n) } : undefined;
  }

  /** Turned, when a much higher than wide gradient is a product of two turned ones and only products read it. */
  #turned(members: ReadonlySet<Value>, reshaped: ReadonlySet<Value>): CarriedForm | undefined {
    const [any] = members;
    const { shape } = this.#op(any!);
    const [m, n] = shape.slice(-2) as [number, number];
    if (!isTall([m, n]) || size(shape) !== m * n) return undefined;
    const isProduct = (v: Value): boolean => {
      const op = this.#op(v);
      if (op.kind === 'reshape') return isProduct(op.inputs[0]!);
      return op.kind === 'matmul' && op.shape.length === 2 && op.attrs.transposeA && !op.attrs.transposeB;
    };
    const read = [...reshaped].flatMap((v) => this.#readers[v]!);
    const fits = [...members].some(isProduct) && read.every((r) => this.#op(r).kind === 'matmul');
    return fits ? { kind: 'turned' } : undefined;
  }

  find(start: Value): Family | undefined {
    const members = this.#connected(start);
    if (members === undefined || !this.#isClosed(members)) return undefined;
    const reshaped = this.#reshaped(members);
    if (reshaped === undefined) return undefined;
    const form = this.#columns(reshaped) ?? this.#turned(members, reshaped);
    if (form === undefined) return undefined;
    const { shape } = this.#op(start);
    const whole = [...reshaped].every((v) => keepsPieces(form, shape, this.#op(v).shape));
    return whole ? { form, members, reshaped } : undefined;
  }
}
