/**
 * The planner that writes down what it is asked for: calls in order, buffers, and each distinct stored weight once.
 * It chooses the association order of Kronecker products. It places nothing.
 */
import { invariant } from '../support/assert.js';
import { area, isSingle } from '../tensor/blocks.js';
import { float32, type NumberFormat } from '../tensor/number-format.js';
import type { CallAttrs, CallKind, KernelCall, RegionId, RegionLayout, ScaledLayout, SparseSection } from './calls.js';
import { kronOrder } from './costs.js';
import { integerKron } from './integer-kron.js';
import { KnownCodes } from './known-codes.js';
import type { Along, Buffer, Gates, Ids, LayerPlanner, MatrixRef, SparseRef, StateBuffers } from './planner.js';
import { takesIntegers } from './quads.js';
import { codeFloats, type Vectors } from './quantize.js';
import { regionKey } from './region-key.js';
import { formatOf, padded, valueCount } from './regions.js';
import { usesOf } from './uses.js';

/** A buffer as asked for; not placed yet. */
export interface RecordedBuffer {
  readonly id: number;
  readonly purpose: string;
  readonly size: number;
  /** `rows`: `size` floats for each step of a sequence. */
  readonly role: 'work' | 'rows' | 'state-now' | 'state-next';
}

/** What a plan cannot know from its arguments. */
export interface TensorFacts {
  /** Kept values of a masked tensor. */
  readonly keptOf: (tensor: string) => number;
  /** Number format of a tensor's values; float32 where it says nothing. */
  readonly formatOf?: (tensor: string) => NumberFormat;
}

export class Recorder implements LayerPlanner {
  readonly layouts: RegionLayout[] = [];
  readonly buffers: RecordedBuffer[] = [];
  readonly #ids = new Map<string, RegionId>();
  readonly #facts: TensorFacts;
  #layer = '';
  #calls: KernelCall[] = [];
  /** Codes of vectors that have not changed since. */
  readonly #codes = new KnownCodes();
  #scratches = 0;

  constructor(facts: TensorFacts) {
    this.#facts = facts;
  }

  /** From now on calls belong to `layer` and go to the end of `calls`. */
  enter(layer: string, calls: KernelCall[]): void {
    this.#layer = layer;
    this.#calls = calls;
    this.#scratches = 0;
    this.#codes.clear();
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
    const integers = this.#takesIntegers(w);
    const { values, scales } = this.#storeMatrix({ kind: integers ? 'quads' : 'panels', matrix: w });
    const codes = integers ? this.#quantized(x) : undefined;
    const stored = { w: values, ...optional('scales', scales), ...optional('codes', codes) };
    this.#call('gemv', { ...stored, rows, columns, x, y, mode });
  }

  #takesIntegers({ tensor, columns }: MatrixRef): boolean {
    const format = this.#format(tensor);
    return format.kind === 'integer' && takesIntegers(format, columns);
  }

  /** The codes of the vectors of x, made once for all products that follow each other. */
  #quantized(x: Buffer, vectors: Vectors = { before: 1, columns: x.size, after: 1 }): Buffer {
    const { before, columns, after } = vectors;
    const known = this.#codes.find(x, vectors);
    if (known !== undefined) return known;
    const codes = this.scratch(before * after * codeFloats(columns));
    const t = after === 1 ? undefined : this.scratch(columns);
    this.#call('quantize', { x, codes, ...vectors, ...optional('t', t) });
    this.#codes.add(x, vectors, codes);
    return codes;
  }

  kron(b: MatrixRef, c: MatrixRef, x: Buffer, { count: gates, apart, y }: Gates): void {
    const bShape = [b.rows / gates, b.columns] as const;
    const cShape = [c.rows / gates, c.columns] as const;
    const each = bShape[0] * cShape[0];
    invariant(gates === 1 || apart >= each, `${this.#layer}: ${gates} gates of ${each} rows, ${apart} apart`);
    this.#check((gates - 1) * apart + each, b.columns * c.columns, x, y);
    const order = kronOrder(bShape, cShape);
    if (this.#takesIntegers(b) && this.#takesIntegers(c)) {
      integerKron(this, { b, c, bShape, cShape, order }, x, { count: gates, apart, y });
      return;
    }
    const t = this.scratch(order === 'b-first' ? b.rows * padded(c.columns) : b.columns * padded(c.rows));
    const left = this.#storeMatrix({ kind: 'rows', matrix: b });
    const right = this.#storeMatrix({ kind: 'columns', matrix: c, padded: padded(c.rows) });
    const stored = {
      b: left.values,
      ...optional('bScales', left.scales),
      ...optional('bValues', this.#decoded(left.values)),
      c: right.values,
      ...optional('cScales', right.scales),
      ...optional('cValues', this.#decoded(right.values)),
    };
    this.#call('kron', { ...stored, bShape, cShape, gates, apart, order, t, x, y });
  }

  gemm(w: MatrixRef, x: Buffer, y: Buffer, { before, after, mode }: Along): void {
    const [outer, { rows, columns }] = [before * after, w];
    this.#check(outer * rows, outer * columns, x, y);
    if (outer === 1) {
      this.gemv(w, x, y, mode);
      return;
    }
    if (this.#takesIntegers(w)) {
      const { values, scales } = this.#storeMatrix({ kind: 'quads', matrix: w });
      const codes = this.#quantized(x, { before, columns, after });
      const stored = { w: values, ...optional('scales', scales), codes };
      const t = after === 1 ? undefined : this.scratch(rows);
      this.#call('gemm', { ...stored, ...optional('t', t), rows, columns, before, after, x, y, mode });
      return;
    }
    const layout: ScaledLayout =
      after === 1 ? { kind: 'columns', matrix: w, padded: padded(rows) } : { kind: 'rows', matrix: w };
    const { values, scales } = this.#storeMatrix(layout);
    const stored = { w: values, ...optional('scales', scales), ...optional('decoded', this.#decoded(values)) };
    this.#call('gemm', { ...stored, rows, columns, before, after, x, y, mode });
  }

  circulant(v: MatrixRef, block: number, x: Buffer, y: Buffer): void {
    const [rows, columns] = [y.size, x.size];
    const fits = v.rows === Math.ceil(rows / block) && v.columns === block * Math.ceil(columns / block);
    invariant(fits, `${this.#layer}: circulant blocks of ${block} in ${rows}x${columns} from ${v.rows}x${v.columns}`);
    const t = this.scratch(padded(2 * block) + 4);
    const { values, scales } = this.#storeMatrix({ kind: 'rows', matrix: v });
    const one = this.#format(v.tensor).word === 'float32' ? undefined : this.scratch(block);
    const stored = { w: values, ...optional('scales', scales), ...optional('decoded', one) };
    this.#call('circulant', { ...stored, rows, columns, block, t, x, y });
  }

  sparse(s: SparseRef, x: Buffer, y: Buffer): void {
    this.#check(s.rows, s.columns, x, y);
    const { rows, columns, block } = s;
    const kept = this.#facts.keptOf(s.tensor);
    if (isSingle(block) && this.#format(s.tensor).word === 'float32')
      this.#call('sliced', { ...this.#storeSlices(s, kept), rows, columns, kept, x, y });
    else if (this.#takesIntegers(s)) {
      const codes = this.#quantized(x);
      this.#call('sparse', { ...this.#storeSparse(s), codes, rows, columns, block, kept, x, y });
    } else this.#call('sparse', { ...this.#storeSparse(s), ...this.#decodedRow(s), rows, columns, block, kept, x, y });
  }

  #storeSlices(s: SparseRef, kept: number): Pick<CallAttrs['sliced'], 'order' | 'counts' | 'indices' | 'values'> {
    invariant(s.offset === 0, `a part of the sparse ${s.tensor}: its kept values are counted as a whole`);
    const store = (section: SparseSection) => this.#store({ kind: 'sparse', section, matrix: s, kept, sliced: true });
    const [order, counts] = [store('order'), store('counts')];
    return { order, counts, indices: store('indices'), values: store('values') };
  }

  #decodedRow({ tensor, columns, block }: SparseRef): Pick<CallAttrs['sparse'], 'decoded'> {
    return this.#format(tensor).word === 'float32' ? {} : { decoded: this.scratch(columns * block[0]) };
  }

  #storeSparse(s: SparseRef): Pick<CallAttrs['sparse'], 'starts' | 'indices' | 'values' | 'scales'> {
    const kept = this.#facts.keptOf(s.tensor);
    invariant(s.offset === 0, `a part of the sparse ${s.tensor}: its kept values are counted as a whole`);
    const whole = [s.rows / s.block[0], s.columns / s.block[1], kept / area(s.block)].every(Number.isInteger);
    invariant(whole, `${s.tensor}: blocks of ${s.block.join('x')} in ${s.rows}x${s.columns}, ${kept} values kept`);
    const lay = (section: SparseSection) => ({ kind: 'sparse', section, matrix: s, kept }) as const;
    const [starts, indices] = [this.#store(lay('starts')), this.#store(lay('indices'))];
    const { values, scales } = this.#storeMatrix(lay('values'));
    return { starts, indices, values, ...optional('scales', scales) };
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
    const { values, scales } = this.#storeMatrix({ kind: 'rows', matrix: v });
    const stored = { w: values, ...optional('scales', scales), ...optional('decoded', this.#decoded(values)) };
    this.#call('mix', { ...stored, rows, columns, x, y, mode });
  }

  embed(table: MatrixRef, { input, count }: Ids, first: number, y: Buffer): void {
    const { rows, columns: width } = table;
    const fits = width === y.size && first + rows <= count;
    invariant(fits, `${rows} rows of ${width} from ${first} of ${count} ids, to ${y.size} floats`);
    const { values, scales } = this.#storeMatrix({ kind: 'rows', matrix: table });
    this.#call('embed', { table: values, ...optional('scales', scales), rows, width, input, first, ids: count, y });
  }

  embedSparse(s: SparseRef, { input, count }: Ids, y: Buffer): void {
    const { rows, columns, block } = s;
    invariant(rows === count && columns === y.size, `sparse ${rows}x${columns} for ${count} ids of ${y.size} floats`);
    const kept = this.#facts.keptOf(s.tensor);
    this.#call('embedSparse', {
      ...this.#storeSparse(s),
      ...this.#decodedRow(s),
      rows,
      columns,
      block,
      kept,
      input,
      y,
    });
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
    const call = { kind, layer: this.#layer, ...attrs } as unknown as KernelCall;
    this.#calls.push(call);
    this.#codes.changed(usesOf(call).writes);
  }

  #check(rows: number, columns: number, x: Buffer, y: Buffer): void {
    invariant(x.size === columns && y.size === rows, `${this.#layer}: ${rows}x${columns} of ${x.size} to ${y.size}`);
  }

  #format(tensor: string): NumberFormat {
    return this.#facts.formatOf?.(tensor) ?? float32;
  }

  /** The values in the number format of their tensor, and their scales where that has some. */
  #storeMatrix(layout: ScaledLayout): { readonly values: RegionId; readonly scales: RegionId | undefined } {
    const format = this.#format(layout.matrix.tensor);
    if (format.word === 'float32') return { values: this.#store(layout), scales: undefined };
    const values = { ...layout, format };
    const scales: RegionLayout | undefined =
      format.kind === 'float' ? undefined : { kind: 'scales', matrix: layout.matrix, values, format };
    return { values: this.#store(values), scales: scales && this.#store(scales) };
  }

  /** Where the values of a region are decoded to; undefined for float32, which is read as it lies. */
  #decoded(id: RegionId): Buffer | undefined {
    const layout = this.layouts[id]!;
    return formatOf(layout).word === 'float32' ? undefined : this.scratch(valueCount(layout));
  }

  #store(layout: RegionLayout): RegionId {
    const key = regionKey(layout);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.layouts.length;
    this.layouts.push(layout);
    this.#ids.set(key, id);
    return id;
  }
}

/** A field that is left out when there is nothing to put in. */
const optional = <K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: T };

const plain = (tensor: string, rows: number, columns: number): MatrixRef => ({ tensor, offset: 0, rows, columns });
