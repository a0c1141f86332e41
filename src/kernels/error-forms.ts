/**
 * Tighter bounds over many layers and steps: what an early rounding does to a late value is followed with its sign, by
 * affine forms (de Figueiredo and Stolfi 2004). An error is a sum of symbols, each somewhere in [-1, 1], and a rest
 * without a sign; products take symbols through the weights themselves, where bounds alone take magnitudes. Symbols are
 * born where a cell or an activation ends. What is found is never above the plain bound of the same call.
 */
import type { CallOf, KernelCall } from './calls.js';
import { type AffineCell, cellForms, type Form, total } from './form-cells.js';
import { type Execution, Memory, RegionValues } from './memory.js';
import type { SparseBlocks } from './pack.js';
import type { Buffer } from './planner.js';
import { execute } from './reference.js';

/** A buffer of a plan. */
interface Sized {
  readonly id: number;
  readonly size: number;
}

/** The magnitudes of the weights of a plan. */
export class Magnitudes extends RegionValues {
  readonly #of = new Map<number, Float32Array>();

  override matrix(id: number): Float32Array {
    const known = this.#of.get(id) ?? super.matrix(id).map(Math.abs);
    this.#of.set(id, known);
    return known;
  }

  override sparse(id: number): SparseBlocks {
    const { values, ...places } = super.sparse(id);
    return { ...places, values: values.map(Math.abs) };
  }
}

/** Relative error of a few sums in double. */
const slack = 2 ** -40;

const cellKinds = new Set<KernelCall['kind']>(['lstmCell', 'gruCell', 'gate', 'activate', 'runningMax']);

export class ErrorForms {
  readonly #buffers: readonly Sized[];
  readonly #magnitudes: RegionValues;
  readonly #most: number;
  #symbols: Memory[] = [];
  /** Sums of the symbols' magnitudes. */
  readonly #spread: Memory;
  readonly #rest: Memory;
  /** Buffers with a row for each step, and how many. */
  #rows: readonly Sized[] = [];
  #steps = 0;
  readonly #stores = new Map<Memory, Map<number, Float64Array>>();
  #at = 0;

  /** At most `most` symbols. */
  constructor(buffers: readonly Sized[], magnitudes: RegionValues, most: number) {
    [this.#buffers, this.#magnitudes, this.#most] = [buffers, magnitudes, most];
    [this.#spread, this.#rest] = [new Memory(buffers), new Memory(buffers)];
  }

  get #memories(): readonly Memory[] {
    return [this.#spread, this.#rest, ...this.#symbols];
  }

  /** Buffers of `rows` have one for each of `steps`. */
  begin(rows: readonly Sized[], steps: number): void {
    [this.#rows, this.#steps, this.#symbols] = [rows, steps, []];
    this.#stores.clear();
    for (const memory of this.#memories) this.#open(memory);
  }

  #open(memory: Memory): void {
    const stores = new Map(this.#rows.map(({ id, size }) => [id, new Float64Array(size * this.#steps)]));
    this.#stores.set(memory, stores);
    this.#place(memory);
  }

  #place(memory: Memory): void {
    for (const { id, size } of this.#rows) {
      const store = this.#stores.get(memory)?.get(id);
      const row = store?.subarray(this.#at * size, (this.#at + 1) * size);
      if (row !== undefined) memory.place(id, row, new Float64Array(size));
    }
  }

  /** The rows of step `at` are meant from now on. */
  moveTo(at: number): void {
    this.#at = at;
    for (const memory of this.#memories) this.#place(memory);
  }

  /** No error anywhere. */
  startAnew(): void {
    this.#symbols = [];
    for (const { id, size } of this.#buffers) this.clear({ id, offset: 0, size });
  }

  /** No error in this buffer. */
  clear(buffer: Buffer): void {
    for (const memory of this.#memories) memory.values(buffer).fill(0);
  }

  copy(from: Buffer, to: Buffer): void {
    for (const memory of this.#memories) memory.values(to).set(memory.values(from));
  }

  /** Room for the symbols of the next step: half of the most are left, those that move the `states` furthest. */
  makeRoom(states: readonly Buffer[]): void {
    const room = Math.floor(this.#most / 2);
    if (this.#symbols.length <= room) return;
    const reach = (symbol: Memory): number =>
      states.reduce((sum, state) => sum + symbol.values(state).reduce((total, term) => total + Math.abs(term), 0), 0);
    const ranked = this.#symbols.map((symbol) => ({ symbol, reach: reach(symbol) })).sort((a, b) => b.reach - a.reach);
    for (const { symbol } of ranked.slice(room)) this.#forget(symbol);
    this.#symbols = ranked.slice(0, room).map(({ symbol }) => symbol);
  }

  /** What a symbol stands for goes to the rests, wherever it is. */
  #forget(symbol: Memory): void {
    for (const { id, size } of this.#buffers) {
      const whole = { id, offset: 0, size };
      this.#move(symbol.values(whole), this.#rest.values(whole), this.#spread.values(whole));
    }
    for (const [id, terms] of this.#stores.get(symbol) ?? []) {
      const [rest, spread] = [this.#rest, this.#spread].map((memory) => this.#stores.get(memory)?.get(id));
      if (rest !== undefined && spread !== undefined) this.#move(terms, rest, spread);
    }
    this.#stores.delete(symbol);
  }

  /** From the sums of magnitudes to the rests; once for values that are reached in two ways. */
  #move(terms: Float64Array, rest: Float64Array, spread: Float64Array): void {
    for (let i = 0; i < terms.length; i++) {
      const term = Math.abs(terms[i]!);
      if (term === 0) continue;
      rest[i]! += term;
      spread[i] = Math.max(0, spread[i]! - term);
      terms[i] = 0;
    }
  }

  /** Behind the plain bounds of a call and before it is executed; `cell` is what `cell` has made of it. */
  follow(call: KernelCall, execution: Execution, cell: AffineCell | undefined): void {
    if (call.kind === 'quantize') return;
    if (call.kind === 'bias' || call.kind === 'embed' || call.kind === 'embedSparse' || call.kind === 'clear') {
      this.#adopt(call.y, execution);
      return;
    }
    if (cell !== undefined) for (const { to, forms } of cell) this.#store(to, forms, execution);
    else this.#pushThrough(call as CallOf<'gemv'>, execution);
  }

  /** What a cell makes of the forms that it reads, before its plain bounds; undefined for other calls. */
  cell(call: KernelCall, { memory, activationError }: Execution): AffineCell | undefined {
    if (!cellKinds.has(call.kind)) return undefined;
    const read = (buffer: Buffer) => {
      const [values, rest] = [memory.values(buffer), this.#rest.values(buffer)];
      const symbols = this.#symbols.map((symbol) => symbol.values(buffer));
      return (i: number): Form => ({
        value: values[i]!,
        terms: Float64Array.from(symbols, (symbol) => symbol[i]!),
        rest: rest[i]!,
      });
    };
    return cellForms(call, read, { activationError, seen: (buffer) => memory.values(buffer)[0] !== 0 });
  }

  /** Plain bounds, nothing more. */
  #adopt(y: Buffer, { memory }: Execution): void {
    this.clear(y);
    this.#rest.values(y).set(memory.errors(y));
  }

  /** A linear call: symbols by its weights, the rest is what the plain bound has beyond the symbols' magnitudes. */
  #pushThrough(call: CallOf<'gemv'>, execution: Execution): void {
    const { y } = call;
    const plain = execution.memory.errors(y);
    execute(call, { ...execution, memory: this.#spread, weights: this.#magnitudes });
    const spread = this.#spread.values(y);
    const rest = this.#rest.values(y);
    for (let i = 0; i < rest.length; i++) rest[i] = Math.max(0, plain[i]! - spread[i]!) + slack * plain[i]!;
    spread.fill(0);
    for (const memory of this.#symbols) {
      execute(call, { ...execution, memory });
      const values = memory.values(y);
      for (let i = 0; i < spread.length; i++) spread[i]! += Math.abs(values[i]!);
    }
    for (let i = 0; i < rest.length; i++) {
      const bound = (rest[i]! + spread[i]!) * (1 + slack);
      // Not where it is NaN: a plain bound may be infinite.
      if (bound < plain[i]!) plain[i] = bound;
    }
  }

  /** Results of a cell, by their forms where these are below the plain bounds; what has no sign becomes symbols. */
  #store(to: Buffer, forms: (i: number) => Form, { memory }: Execution): void {
    const plain = memory.errors(to);
    const found = Array.from({ length: to.size }, (_, i) => forms(i));
    found.forEach((form, i) => {
      const bound = total(form) * (1 + slack);
      const better = bound < plain[i]!;
      this.#symbols.forEach((symbol, k) => {
        // Symbols that the cell's other result has just borne are none of this one's.
        symbol.values(to)[i] = better ? (form.terms[k] ?? 0) : 0;
      });
      this.#rest.values(to)[i] = better ? form.rest : plain[i]!;
      this.#spread.values(to)[i] = better ? total(form) - form.rest : 0;
      if (better) plain[i] = bound;
    });
    for (let i = 0; i < to.size; i++) this.#bear(to, i);
  }

  /** A symbol for the rest of one value, while there may be more. */
  #bear(buffer: Buffer, i: number): void {
    const rest = this.#rest.values(buffer);
    if (rest[i] === 0 || this.#symbols.length >= this.#most) return;
    const symbol = new Memory(this.#buffers);
    this.#open(symbol);
    symbol.values(buffer)[i] = rest[i]!;
    this.#spread.values(buffer)[i]! += rest[i]!;
    rest[i] = 0;
    this.#symbols.push(symbol);
  }
}
