/**
 * Carried weights in the layout that a step reads and writes them in: as blocks of columns where it only ever reads
 * them so, turned where their gradient is made turned. Nothing is then cut up, put together or turned in every step.
 * Where the values of one weight and of what is updated with it (moments) go is decided here; how an engine stores
 * them follows from `forms`. Anything else that reads such a weight leaves it as it is.
 */
import { Builder } from '../graph/builder.js';
import { elementwise } from '../graph/elementwise.js';
import type { Graph, Op, OpOf, Value } from '../graph/ops.js';
import { type Shape, size } from '../tensor/shape.js';
import { type CarriedForm, type Family, FamilyFinder, keepsPieces } from './carried-families.js';
import { withoutUnused } from './rebuild.js';
import { simplify } from './simplify.js';

export interface PiecedGraph {
  readonly graph: Graph;
  /** Output -> input of what is carried, piece by piece. */
  readonly carries: ReadonlyMap<string, string>;
  /** Of inputs that are not stored as they are. */
  readonly forms: ReadonlyMap<string, CarriedForm>;
}

/** The input or output that holds one piece of a tensor. */
const pieceName = (name: string, index: number): string => `${name}#${index}`;

/** Those of all pieces. */
export const pieceNames = (form: CarriedForm, name: string): readonly string[] =>
  (form.kind === 'columns' ? form.counts : [0]).map((_, i) => pieceName(name, i));

/** Shapes of all pieces of a tensor. */
export function pieceShapes(form: CarriedForm, shape: Shape): readonly Shape[] {
  const front = shape.slice(0, -1);
  if (form.kind === 'columns') return form.counts.map((count) => [...front, count]);
  return [[...front.slice(0, -1), shape.at(-1)!, shape.at(-2)!]];
}

/** Swaps the last two axes. */
const swapped = (b: Builder, v: Value): Value => {
  const rank = b.shape(v).length;
  return b.transpose(v, [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]);
};

/** Writes a graph anew with its families in pieces. */
class PieceWriter {
  readonly #graph: Graph;
  readonly #families: ReadonlyMap<Value, Family>;
  readonly #b = new Builder();
  /** Values as they were. */
  readonly #whole: Value[] = [];
  readonly #pieces = new Map<Value, readonly Value[]>();

  constructor(graph: Graph, families: ReadonlyMap<Value, Family>) {
    this.#graph = graph;
    this.#families = families;
  }

  #join(form: CarriedForm, pieces: readonly Value[]): Value {
    if (form.kind === 'turned') return swapped(this.#b, pieces[0]!);
    return this.#b.concat(pieces, this.#b.shape(pieces[0]!).length - 1);
  }

  /** Pieces of a value that was written as a whole; products are made in pieces at once. */
  #cut(form: CarriedForm, v: Value): readonly Value[] {
    const b = this.#b;
    const op = b.ops[v]!;
    if (op.kind === 'reshape' && keepsPieces(form, b.shape(op.inputs[0]!), op.shape)) {
      const shapes = pieceShapes(form, op.shape);
      return this.#cut(form, op.inputs[0]!).map((piece, i) => b.reshape(piece, shapes[i]!));
    }
    if (op.kind === 'matmul' && op.shape.length === 2) return this.#cutProduct(form, op);
    if (form.kind === 'turned') return [swapped(b, v)];
    return this.#columnsOf(v, form.counts);
  }

  #cutProduct(form: CarriedForm, { inputs, attrs }: OpOf<'matmul'>): readonly Value[] {
    const b = this.#b;
    const [x, y] = inputs as [Value, Value];
    const { transposeA, transposeB } = attrs;
    if (form.kind === 'turned') return [b.matmul(y, x, { transposeA: !transposeB, transposeB: !transposeA })];
    const axis = transposeB ? 0 : 1;
    return this.#columnsOf(y, form.counts, axis).map((columns) => b.matmul(x, columns, attrs));
  }

  #columnsOf(v: Value, counts: readonly number[], axis = this.#b.shape(v).length - 1): readonly Value[] {
    const b = this.#b;
    const op = b.ops[v]!;
    const fits = op.kind === 'concat' && op.attrs.axis === axis && op.inputs.length === counts.length;
    if (fits && op.inputs.every((i, k) => b.shape(i)[axis] === counts[k])) return op.inputs;
    let start = 0;
    return counts.map((count) => {
      start += count;
      return b.slice(v, axis, start - count, count);
    });
  }

  #memberPieces(op: Op, family: Family): readonly Value[] {
    const b = this.#b;
    const shapes = pieceShapes(family.form, op.shape);
    if (op.kind === 'input') return shapes.map((shape, i) => b.input(pieceName(op.attrs.name, i), shape));
    if (op.kind === 'constant') return shapes.map((shape) => b.constant(op.attrs.value, shape));
    if (!elementwise.has(op.kind)) return this.#cut(family.form, this.#copy(op));
    return shapes.map((shape, i) => {
      const inputs = op.inputs.map((x) => (family.members.has(x) ? this.#pieces.get(x)![i]! : this.#whole[x]!));
      return b.push(op.kind, inputs, op.attrs, shape);
    });
  }

  #copy(op: Op): Value {
    const inputs = op.inputs.map((i) => this.#whole[i]!);
    return this.#b.push(op.kind, inputs, op.attrs, op.shape);
  }

  /** The sum over all of `v`, in any order of pieces. */
  #total(v: Value): Value {
    const op = this.#graph.ops[v]!;
    const parts = op.kind === 'concat' ? op.inputs : [v];
    const sums = parts.flatMap((part) => this.#pieces.get(part) ?? [this.#whole[part]!]).map((x) => this.#b.sum(x));
    return sums.reduce((total, x) => this.#b.add(total, x));
  }

  #isPieced(v: Value): boolean {
    const op = this.#graph.ops[v]!;
    return op.kind === 'concat' ? op.inputs.some((i) => this.#pieces.has(i)) : this.#pieces.has(v);
  }

  #outside(op: Op): Value {
    const [source] = op.inputs;
    if (op.kind === 'sum' && size(op.shape) === 1 && this.#isPieced(source!))
      return this.#b.reshape(this.#total(source!), op.shape);
    const family = op.kind === 'slice' ? this.#families.get(source!) : undefined;
    if (op.kind === 'slice' && family?.reshaped.has(source!) && family.form.kind === 'columns') {
      const starts = family.form.counts.map((_, i, all) => all.slice(0, i).reduce((sum, n) => sum + n, 0));
      return this.#pieces.get(source!)![starts.indexOf(op.attrs.start)]!;
    }
    return this.#copy(op);
  }

  write(): Omit<PiecedGraph, 'carries'> {
    const b = this.#b;
    const forms = new Map<string, CarriedForm>();
    this.#graph.ops.forEach((op, v) => {
      const family = this.#families.get(v);
      if (family === undefined) {
        this.#whole.push(this.#outside(op));
        return;
      }
      const { form } = family;
      if (op.kind === 'input') forms.set(op.attrs.name, form);
      const pieces = family.members.has(v)
        ? this.#memberPieces(op, family)
        : pieceShapes(form, op.shape).map((shape, i) => b.reshape(this.#pieces.get(op.inputs[0]!)![i]!, shape));
      this.#pieces.set(v, pieces);
      this.#whole.push(this.#join(form, pieces));
    });
    const outputs = Object.entries(this.#graph.outputs).flatMap(([name, v]) => {
      const pieces = this.#pieces.get(v);
      return pieces?.map((piece, i) => [pieceName(name, i), piece] as const) ?? [[name, this.#whole[v]!] as const];
    });
    return { graph: withoutUnused(b.finish(Object.fromEntries(outputs))), forms };
  }
}

/** Output -> input of every piece. */
function carriedPieces(
  carries: ReadonlyMap<string, string>,
  forms: ReadonlyMap<string, CarriedForm>,
): ReadonlyMap<string, string> {
  const pieces = [...carries].flatMap(([output, input]) => {
    const form = forms.get(input);
    if (form === undefined) return [[output, input] as const];
    const names = pieceNames(form, input);
    return pieceNames(form, output).map((name, i) => [name, names[i]!] as const);
  });
  return new Map(pieces);
}

/** `graph` with every carried weight of at least `least` elements in the pieces that suit it. */
export function pieceCarried(graph: Graph, carries: ReadonlyMap<string, string>, least = 2 ** 18): PiecedGraph {
  const finder = new FamilyFinder(graph, carries);
  const families = new Map<Value, Family>();
  graph.ops.forEach((op, v) => {
    if (op.kind !== 'input' || size(op.shape) < least || op.shape.length < 2 || families.has(v)) return;
    const family = finder.find(v);
    if (family === undefined) return;
    for (const member of [...family.members, ...family.reshaped]) families.set(member, family);
  });
  if (families.size === 0) return { graph, carries, forms: new Map() };
  const pieced = new PieceWriter(graph, families).write();
  // Turned operands become flags of their products.
  return { graph: simplify.run(pieced.graph), carries: carriedPieces(carries, pieced.forms), forms: pieced.forms };
}
