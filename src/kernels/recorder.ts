/**
 * The planner that writes down what it is asked for: calls in order, buffers, and each distinct stored weight once.
 * It chooses the association order of Kronecker products. It places nothing.
 */
import { invariant } from '../support/assert.js';
import { area } from '../tensor/blocks.js';
import type { CallAttrs, CallKind, KernelCall, RegionId, RegionLayout, SparseSection } from './calls.js';
import { kronOrder } from './costs.js';
import type { Along, Buffer, Ids, LayerPlanner, MatrixRef, SparseRef, StateBuffers } from './planner.js';
import { padded } from './regions.js';

/** A buffer as asked for; not placed yet. */
export interface RecordedBuffer {
  readonly id: number;
  readonly purpose: string;
  readonly size: number;
  readonly role: 'work' | 'state-now' | 'state-next';
}

/** What a plan cannot know from its arguments. */
export interface TensorFacts {
  /** Kept values of a masked tensor. */
  readonly keptOf: (tensor: string) => number;
}

export class Recorder implements LayerPlanner {
  readonly layouts: RegionLayout[] = [];
  readonly buffers: RecordedBuffer[] = [];
  readonly #ids = new Map<string, RegionId>();
  readonly #facts: TensorFacts;
  #layer = '';
  #calls: KernelCall[] = [];
  #scratches = 0;

  constructor(facts: TensorFacts) {
    this.#facts = facts;
  }

  /** From now on calls belong to `layer` and go to the end of `calls`. */
  enter(layer: string, calls: KernelCall[]): void {
    this.#layer = layer;
    this.#calls = calls;
    this.#scratches = 0;
  }

  buffer(purpose: string, size: number, role: RecordedBuffer['role']): Buffer {
    invariant(Number.isInteger(size) && size > 0, `buffer ${purpose} of ${size} floats`);
    const id = this.buffers.length;
    this.buffers.push({ id, purpose, size, role });
    return { id, offset: 0, size };
  }

  scratch(size: number): Buffer {
    this.#scratches++;
    return this.buffer(`${this.#layer} work ${this.#scratches}`, size, 'work');
  }

  gemv(w: MatrixRef, x: Buffer, y: Buffer, mode: 'set' | 'add'): void {
    this.#check(w.rows, w.columns, x, y);
    const { rows, columns } = w;
    this.#call('gemv', { w: this.#store({ kind: 'panels', matrix: w }), rows, columns, x, y, mode });
  }

  kron(b: MatrixRef, c: MatrixRef, x: Buffer, y: Buffer): void {
    this.#check(b.rows * c.rows, b.columns * c.columns, x, y);
    const bShape = [b.rows, b.columns] as const;
    const cShape = [c.rows, c.columns] as const;
    const order = kronOrder(bShape, cShape);
    const t = this.scratch(order === 'b-first' ? b.rows * padded(c.columns) : b.columns * padded(c.rows));
    const stored = {
      b: this.#store({ kind: 'rows', matrix: b }),
      c: this.#store({ kind: 'columns', matrix: c, padded: padded(c.rows) }),
    };
    this.#call('kron', { ...stored, bShape, cShape, order, t, x, y });
  }

  gemm(w: MatrixRef, x: Buffer, y: Buffer, { before, after, mode }: Along): void {
    const [outer, { rows, columns }] = [before * after, w];
    this.#check(outer * rows, outer * columns, x, y);
    if (outer === 1) {
      this.gemv(w, x, y, mode);
      return;
    }
    const layout: RegionLayout =
      after === 1 ? { kind: 'columns', matrix: w, padded: padded(rows) } : { kind: 'rows', matrix: w };
    this.#call('gemm', { w: this.#store(layout), rows, columns, before, after, x, y, mode });
  }

  circulant(v: MatrixRef, block: number, x: Buffer, y: Buffer): void {
    const [rows, columns] = [y.size, x.size];
    const fits = v.rows === Math.ceil(rows / block) && v.columns === block * Math.ceil(columns / block);
    invariant(fits, `${this.#layer}: circulant blocks of ${block} in ${rows}x${columns} from ${v.rows}x${v.columns}`);
    const t = this.scratch(padded(2 * block) + 4);
    this.#call('circulant', { w: this.#store({ kind: 'rows', matrix: v }), rows, columns, block, t, x, y });
  }

  sparse(s: SparseRef, x: Buffer, y: Buffer): void {
    this.#check(s.rows, s.columns, x, y);
    const { rows, columns, block } = s;
    this.#call('sparse', { ...this.#storeSparse(s), rows, columns, block, kept: this.#facts.keptOf(s.tensor), x, y });
  }

  #storeSparse(s: SparseRef): Pick<CallAttrs['sparse'], 'starts' | 'indices' | 'values'> {
    const kept = this.#facts.keptOf(s.tensor);
    invariant(s.offset === 0, `a part of the sparse ${s.tensor}: its kept values are counted as a whole`);
    const whole = [s.rows / s.block[0], s.columns / s.block[1], kept / area(s.block)].every(Number.isInteger);
    invariant(whole, `${s.tensor}: blocks of ${s.block.join('x')} in ${s.rows}x${s.columns}, ${kept} values kept`);
    const store = (section: SparseSection): RegionId => this.#store({ kind: 'sparse', section, matrix: s, kept });
    return { starts: store('starts'), indices: store('indices'), values: store('values') };
  }

  bias(tensor: string, y: Buffer): void {
    this.#call('bias', { w: this.#store({ kind: 'rows', matrix: plain(tensor, 1, y.size) }), y });
  }

  clear(y: Buffer): void {
    this.#call('clear', { y });
  }

  copy(x: Buffer, y: Buffer): void {
    invariant(x.size === y.size, `copy of ${x.size} to ${y.size} floats`);
    this.#call('copy', { x, y });
  }

  mix(v: MatrixRef, x: Buffer, y: Buffer, mode: 'set' | 'add'): void {
    this.#check(v.columns, v.rows, x, y);
    const { rows, columns } = v;
    this.#call('mix', { w: this.#store({ kind: 'rows', matrix: v }), rows, columns, x, y, mode });
  }

  embed(table: MatrixRef, { input, count }: Ids, first: number, y: Buffer): void {
    const { rows, columns: width } = table;
    const fits = width === y.size && first + rows <= count;
    invariant(fits, `${rows} rows of ${width} from ${first} of ${count} ids, to ${y.size} floats`);
    const stored = this.#store({ kind: 'rows', matrix: table });
    this.#call('embed', { table: stored, rows, width, input, first, ids: count, y });
  }

  embedSparse(s: SparseRef, { input, count }: Ids, y: Buffer): void {
    const { rows, columns, block } = s;
    invariant(rows === count && columns === y.size, `sparse ${rows}x${columns} for ${count} ids of ${y.size} floats`);
    const kept = this.#facts.keptOf(s.tensor);
    this.#call('embedSparse', { ...this.#storeSparse(s), rows, columns, block, kept, input, y });
  }

  lstmCell(z: Buffer, c: Buffer, cNext: Buffer, h: Buffer): void {
    const n = c.size;
    invariant(z.size === 4 * n && cNext.size === n && h.size === n, `lstm cell of ${n} units`);
    this.#call('lstmCell', { z, c, cNext, h });
  }

  add(x: Buffer, y: Buffer): void {
    invariant(x.size === y.size, `sum of ${x.size} and ${y.size} floats`);
    this.#call('add', { x, y });
  }

  gate(z: Buffer, x: Buffer, y: Buffer, mode: 'set' | 'add'): void {
    invariant(z.size === y.size && x.size === y.size, `gate of ${z.size} over ${x.size} to ${y.size} floats`);
    this.#call('gate', { z, x, y, mode });
  }

  gruCell(update: Buffer, candidate: Buffer, h: Buffer, hNext: Buffer): void {
    const n = h.size;
    invariant(update.size === n && candidate.size === n && hNext.size === n, `gru cell of ${n} units`);
    this.#call('gruCell', { update, candidate, h, hNext });
  }

  runningMax(x: Buffer, seen: StateBuffers, largest: StateBuffers): void {
    const { now, next } = largest;
    invariant(x.size === now.size && seen.now.size === 1, `maximum of ${x.size} and ${now.size} floats`);
    this.#call('runningMax', { x, seen: seen.now, now, seenNext: seen.next, next });
  }

  activate(kind: 'tanh' | 'sigmoid' | 'relu', x: Buffer): void {
    this.#call('activate', { function: kind, x });
  }

  #call<K extends CallKind>(kind: K, attrs: CallAttrs[K]): void {
    this.#calls.push({ kind, layer: this.#layer, ...attrs } as unknown as KernelCall);
  }

  #check(rows: number, columns: number, x: Buffer, y: Buffer): void {
    invariant(x.size === columns && y.size === rows, `${this.#layer}: ${rows}x${columns} of ${x.size} to ${y.size}`);
  }

  #store(layout: RegionLayout): RegionId {
    const { tensor, offset, rows, columns } = layout.matrix;
    const form = layout.kind === 'sparse' ? layout.section : layout.kind;
    const key = JSON.stringify([form, tensor, offset, rows, columns]);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.layouts.length;
    this.layouts.push(layout);
    this.#ids.set(key, id);
    return id;
  }
}

const plain = (tensor: string, rows: number, columns: number): MatrixRef => ({ tensor, offset: 0, rows, columns });
