/**
 * How many bytes of intermediate values are alive at once when a graph runs op by op in its own order: what an engine
 * must hold beside the tensors it is given. An estimate from shapes alone; it runs nothing.
 */
import { size } from '../tensor/shape.js';
import { elementwise } from './elementwise.js';
import type { Graph, Op, OpKind, Value } from './ops.js';

const valueBytes = 4;
const bytesOf = ({ shape }: Op): number => valueBytes * size(shape);

/** Ops that hold as much again while they run: codes; probabilities, before the labels' entries are changed. */
const twice: ReadonlySet<OpKind> = new Set<OpKind>([
  ...(['snap', 'snapTo', 'snapSlope', 'crossEntropyGradient', 'softmax'] as const),
]);

/** Bytes that an op needs for itself while it runs. */
const scratchOf = (op: Op): number => (twice.has(op.kind) ? bytesOf(op) : 0);

class Liveness {
  /** The value whose buffer each value lies in. */
  readonly #owner: Value[] = [];
  readonly #lastUse: number[];
  readonly #ops: readonly Op[];
  readonly #placed: ReadonlySet<Value>;

  constructor({ ops, outputs }: Graph, placed: ReadonlySet<Value>) {
    this.#ops = ops;
    this.#placed = placed;
    this.#lastUse = ops.map((_, i) => i);
    ops.forEach(({ kind, inputs }, i) => {
      this.#owner.push(kind === 'reshape' ? this.#owner[inputs[0]!]! : i);
      for (const input of inputs) this.#lastUse[this.#owner[input]!] = i;
    });
    for (const output of Object.values(outputs)) this.#lastUse[this.#owner[output]!] = ops.length;
  }

  #isOwn(value: Value): boolean {
    // Inputs, and outputs that are written where they belong, are held by others.
    return this.#owner[value] === value && this.#ops[value]!.kind !== 'input' && !this.#placed.has(value);
  }

  /** An operand that dies here and is as large as the result. */
  #reusable(at: number): Value | undefined {
    const op = this.#ops[at]!;
    // Engines compute these into the place of an operand.
    if (!elementwise.has(op.kind)) return undefined;
    const owners = op.inputs.map((input) => this.#owner[input]!);
    return owners.find((o) => this.#isOwn(o) && this.#lastUse[o] === at && bytesOf(this.#ops[o]!) === bytesOf(op));
  }

  peak(): number {
    const dying = this.#ops.map((): Value[] => []);
    this.#lastUse.forEach((at, value) => {
      if (this.#isOwn(value)) dying[at]?.push(value);
    });
    let [alive, peak] = [0, 0];
    this.#ops.forEach((op, at) => {
      const reused = this.#isOwn(at) ? this.#reusable(at) : undefined;
      if (this.#isOwn(at) && reused === undefined) alive += bytesOf(op);
      peak = Math.max(peak, alive + scratchOf(op));
      for (const value of dying[at]!) if (value !== reused) alive -= bytesOf(this.#ops[value]!);
    });
    return peak;
  }
}

/** Largest number of bytes alive at once; `placed` are outputs that have a place of their own. */
export const peakBytes = (graph: Graph, placed: ReadonlySet<Value> = new Set()): number =>
  new Liveness(graph, placed).peak();
