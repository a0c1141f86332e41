/**
 * The planner that writes down what it is asked for: calls in order, buffers, and each distinct stored weight once.
 * It chooses the association order of Kronecker products. It places nothing.
 */
import { invariant } from '../support/assert.js';
import { isSingle } from '../tensor/blocks.js';
import type { CallAttrs, CallKind, KernelCall, RegionId, RegionLayout, ScaledLayout } from './calls.js';
import { kronOrder } from './costs.js';
import { isSpectral } from './cycles.js';
import { integerKron } from './integer-kron.js';
import { KnownCodes } from './known-codes.js';
import { type LoneRun, LoneRuns, metColumns } from './lone-runs.js';
import type { Along, Buffer, Gates, Ids, LayerPlanner, MatrixRef, SparseRef, StateBuffers } from './planner.js';
import { part } from './planner.js';
import { takesIntegers } from './quads.js';
import { codeFloats, type Vectors } from './quantize.js';
import { optional, RegionStore, type TensorFacts } from './region-store.js';
import { beginsRun, formatOf, padded, valueCount } from './regions.js';
import { spectralWork } from './spectra.js';
import { usesOf } from './uses.js';

/** A buffer as asked for; not placed yet. */
export interface RecordedBuffer {
  readonly id: number;
  readonly purpose: string;
  readonly size: number;
  /** `rows`: `size` floats for each step of a sequence. */
  readonly role: 'work' | 'rows' | 'state-now' | 'state-next';
}

export class Recorder implements LayerPlanner {
  readonly buffers: RecordedBuffer[] = [];
  readonly #regions: RegionStore;
  #layer = '';
  #calls: KernelCall[] = [];
  /** Codes of vectors that have not changed since. */
  readonly #codes = new KnownCodes();
  readonly #alone = new LoneRuns();
  #scratches = 0;

  constructor(facts: TensorFacts) {
    this.#regions = new RegionStore(facts);
  }

  /** Every distinct stored weight, by region id. */
  get layouts(): readonly RegionLayout[] {
    return this.#regions.layouts;
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

  /** A vector that holds `from` at `first`, and zeros elsewhere. */
  alone(size: number, run: LoneRun): Buffer {
    const x = this.scratch(size);
    this.#alone.add(x, run);
    return x;
  }

  gemv(w: MatrixRef, x: Buffer, y: Buffer, mode: 'set' | 'add'): void {
    this.#check(w.rows, w.columns, x, y);
    const { rows, columns } = w;
    const integers = this.#takesIntegers(w);
    const { values, scales } = this.#regions.matrix({ kind: integers ? 'quads' : 'panels', matrix: w });
    const codes = integers ? this.#quantized(x) : undefined;
    const stored = { w: values, ...optional('scales', scales), ...optional('codes', codes) };
    const run = codes === undefined ? this.#alone.find(x) : undefined;
    const cut = run &&
      beginsRun(this.#regions.format(w.tensor), run.first) && {
        columns: run.from.size,
        within: { first: run.first, columns },
        x: run.from,
      };
    this.#call('gemv', { ...stored, rows, columns, x, y, mode, ...cut });
  }

  #takesIntegers({ tensor, columns }: MatrixRef): boolean {
    const format = this.#regions.format(tensor);
    return format.kind === 'integer' && takesIntegers(format, columns);
  }

  /** The codes of the vectors of x, made once for all products that follow each other. */
  #quantized(x: Buffer, vectors: Vectors = { before: 1, columns: x.size, after: 1 }): Buffer {
    const { before, columns, after } = vectors;
    const known = this.#codes.find(x, vectors);
    if (known !== undefined) return known;
    const codes = this.scratch(before * after * codeFloats(columns));
    const t = after === 1 ? undefined : this.scratch(columns);
    const scale = optional('scale', this.#regions.vectorScale(this.#layer));
    this.#call('quantize', { x, codes, ...vectors, ...optional('t', t), ...scale });
    this.#codes.add(x, vectors, codes);
    return codes;
  }

  kron(b: MatrixRef, c: MatrixRef, x: Buffer, { count: gates, apart, y }: Gates): void {
    const cShape = [c.rows / gates, c.columns] as const;
    const integers = this.#takesIntegers(b) && this.#takesIntegers(c);
    const run = integers ? undefined : this.#alone.find(x);
    const met = run && metColumns(x, run, b.columns, c.columns);
    const bShape = [b.rows / gates, met?.count ?? b.columns] as const;
    const each = bShape[0] * cShape[0];
    invariant(gates === 1 || apart >= each, `${this.#layer}: ${gates} gates of ${each} rows, ${apart} apart`);
    this.#check((gates - 1) * apart + each, b.columns * c.columns, x, y);
    const order = kronOrder(bShape, cShape);
    if (integers) {
      integerKron(this, { b, c, bShape, cShape, order }, x, { count: gates, apart, y });
      return;
    }
    const t = this.scratch(order === 'b-first' ? b.rows * padded(c.columns) : bShape[1] * padded(c.rows));
    const left = this.#regions.matrix({ kind: 'rows', matrix: b });
    const right = this.#regions.matrix({ kind: 'columns', matrix: c, padded: padded(c.rows) });
    const stored = {
      b: left.values,
      ...optional('bScales', left.scales),
      ...optional('bValues', this.#decoded(left.values)),
      c: right.values,
      ...optional('cScales', right.scales),
      ...optional('cValues', this.#decoded(right.values)),
    };
    const within = met && { first: met.first, columns: b.columns };
    const cut = { ...optional('within', within), gates, apart, order, t, x: met?.x ?? x, y };
    this.#call('kron', { ...stored, bShape, cShape, ...cut });
  }

  gemm(w: MatrixRef, x: Buffer, y: Buffer, { before, after, mode }: Along): void {
    const [outer, { rows, columns }] = [before * after, w];
    this.#check(outer * rows, outer * columns, x, y);
    if (outer === 1) {
      this.gemv(w, x, y, mode);
      return;
    }
    if (this.#takesIntegers(w)) {
      const { values, scales } = this.#regions.matrix({ kind: 'quads', matrix: w });
      const codes = this.#quantized(x, { before, columns, after });
      const stored = { w: values, ...optional('scales', scales), codes };
      const t = after === 1 ? undefined : this.scratch(rows);
      this.#call('gemm', { ...stored, ...optional('t', t), rows, columns, before, after, x, y, mode });
      return;
    }
    const layout: ScaledLayout =
      after === 1 ? { kind: 'columns', matrix: w, padded: padded(rows) } : { kind: 'rows', matrix: w };
    const { values, scales } = this.#regions.matrix(layout);
    const stored = { w: values, ...optional('scales', scales), ...optional('decoded', this.#decoded(values)) };
    this.#call('gemm', { ...stored, rows, columns, before, after, x, y, mode });
  }

  circulant(v: MatrixRef, block: number, x: Buffer, { count: gates, apart, y }: Gates): void {
    const shape = { rows: y.size - (gates - 1) * apart, columns: x.size, block, gates };
    const { rows, columns } = shape;
    const fits = v.rows === gates * Math.ceil(rows / block) && v.columns === block * Math.ceil(columns / block);
    invariant(fits, `${this.#layer}: circulant blocks of ${block} in ${rows}x${columns} from ${v.rows}x${v.columns}`);
    if (this.#regions.format(v.tensor).word === 'float32' && isSpectral(shape)) {
      const w = this.#regions.store({ kind: 'spectra', matrix: v, block });
      const roots = this.#regions.store({ kind: 'roots', matrix: v, block });
      this.#call('spectral', { w, roots, ...shape, apart, t: this.scratch(spectralWork(shape)), x, y });
      return;
    }
    if (block === 1 && apart === rows) {
      this.gemv(v, x, y, 'add');
      return;
    }
    const each = v.rows / gates;
    for (let gate = 0; gate < gates; gate++) {
      const own = { ...v, offset: v.offset + gate * each * v.columns, rows: each };
      this.#circulantGate(own, block, x, part(y, gate * apart, rows));
    }
  }

  #circulantGate(v: MatrixRef, block: number, x: Buffer, y: Buffer): void {
    const [rows, columns] = [y.size, x.size];
    const t = this.scratch(padded(2 * block) + 4);
    const { values, scales } = this.#regions.matrix({ kind: 'rows', matrix: v });
    const one = this.#regions.format(v.tensor).word === 'float32' ? undefined : this.scratch(block);
    const stored = { w: values, ...optional('scales', scales), ...optional('decoded', one) };
    this.#call('circulant', { ...stored, rows, columns, block, t, x, y });
  }

  sparse(s: SparseRef, x: Buffer, y: Buffer): void {
    this.#check(s.rows, s.columns, x, y);
    const { rows, columns, block } = s;
    const kept = this.#regions.kept(s.tensor);
    if (isSingle(block) && this.#regions.format(s.tensor).word === 'float32')
      this.#call('sliced', { ...this.#regions.slices(s, kept), rows, columns, kept, x, y });
    else {
      const by = this.#takesIntegers(s) ? { codes: this.#quantized(x) } : this.#decodedRow(s);
      this.#call('sparse', { ...this.#regions.sparse(s), ...by, rows, columns, block, kept, x, y });
    }
  }

  #decodedRow({ tensor, columns, block }: SparseRef): Pick<CallAttrs['sparse'], 'decoded'> {
    return this.#regions.format(tensor).word === 'float32' ? {} : { decoded: this.scratch(columns * block[0]) };
  }

  bias(tensor: string, y: Buffer): void {
    this.#call('bias', { w: this.#regions.store({ kind: 'rows', matrix: plain(tensor, 1, y.size) }), y });
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
    const { values, scales } = this.#regions.matrix({ kind: 'rows', matrix: v });
    const stored = { w: values, ...optional('scales', scales), ...optional('decoded', this.#decoded(values)) };
    this.#call('mix', { ...stored, rows, columns, x, y, mode });
  }

  embed(table: MatrixRef, { input, count }: Ids, first: number, y: Buffer): void {
    const { rows, columns: width } = table;
    const fits = width === y.size && first + rows <= count;
    invariant(fits, `${rows} rows of ${width} from ${first} of ${count} ids, to ${y.size} floats`);
    const { values, scales } = this.#regions.matrix({ kind: 'rows', matrix: table });
    this.#call('embed', { table: values, ...optional('scales', scales), rows, width, input, first, ids: count, y });
  }

  embedSparse(s: SparseRef, { input, count }: Ids, y: Buffer): void {
    const { rows, columns, block } = s;
    invariant(rows === count && columns === y.size, `sparse ${rows}x${columns} for ${count} ids of ${y.size} floats`);
    const stored = { ...this.#regions.sparse(s), ...this.#decodedRow(s), kept: this.#regions.kept(s.tensor) };
    this.#call('embedSparse', { ...stored, rows, columns, block, input, y });
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
    for (const { from, to, zeros } of this.#alone.unwritten(usesOf(call).reads)) {
      this.copy(from, to);
      for (const zero of zeros) this.clear(zero);
    }
    this.#calls.push(call);
    this.#codes.changed(usesOf(call).writes);
  }

  #check(rows: number, columns: number, x: Buffer, y: Buffer): void {
    invariant(x.size === columns && y.size === rows, `${this.#layer}: ${rows}x${columns} of ${x.size} to ${y.size}`);
  }

  /** Where the values of a region are decoded to; undefined for float32, which is read as it lies. */
  #decoded(id: RegionId): Buffer | undefined {
    const layout = this.layouts[id]!;
    return formatOf(layout).word === 'float32' ? undefined : this.scratch(valueCount(layout));
  }
}

const plain = (tensor: string, rows: number, columns: number): MatrixRef => ({ tensor, offset: 0, rows, columns });
