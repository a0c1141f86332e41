/** What reference kernels work on: every buffer by itself in double, and an error bound beside every value. */
import { defined, invariant } from '../support/assert.js';
import { scalesName } from '../tensor/grid.js';
import { hasLearnedScales, type NumberFormat, type Per } from '../tensor/number-format.js';
import type { RegionId, RegionLayout } from './calls.js';
import { type SparseBlocks, sparseValues } from './pack.js';
import type { Buffer } from './planner.js';
import { formatOf } from './regions.js';
import { partGrid, sparseGrid, storedPart, storedSparse } from './stored-values.js';

/** Buffers by id, apart from each other unless they are given a place in one store. */
export class Memory {
  readonly #values = new Map<number, Float64Array>();
  readonly #errors = new Map<number, Float64Array>();
  /** The scale that was calibrated for codes, by their buffer. */
  readonly scales = new Map<number, number>();

  constructor(buffers: readonly { readonly id: number; readonly size: number }[]) {
    for (const { id, size } of buffers) this.place(id, new Float64Array(size), new Float64Array(size));
  }

  /** Gives the buffer `id` these arrays as its values and error bounds. */
  place(id: number, values: Float64Array, errors: Float64Array): void {
    this.#values.set(id, values);
    this.#errors.set(id, errors);
  }

  /** The values of a buffer, to read and write. */
  values({ id, offset, size }: Buffer): Float64Array {
    return defined(this.#values.get(id), `buffer ${id}`).subarray(offset, offset + size);
  }

  /** How far the emitted program's value may be from each value, to read and write. */
  errors({ id, offset, size }: Buffer): Float64Array {
    return defined(this.#errors.get(id), `buffer ${id}`).subarray(offset, offset + size);
  }
}

/** The weights of a plan as the regions name them, from the values of whole tensors. */
export class RegionValues {
  readonly #layouts: readonly RegionLayout[];
  readonly #tensor: (path: string) => Float32Array;
  readonly #sparse = new Map<RegionId, SparseBlocks>();
  readonly #matrices = new Map<RegionId, Float32Array>();
  readonly #grids = new Map<RegionId, ReturnType<typeof partGrid>>();
  readonly #sparseGrids = new Map<RegionId, ReturnType<RegionValues['sparseGrid']>>();

  /** `layouts` by region id. */
  constructor(layouts: readonly RegionLayout[], tensor: (path: string) => Float32Array) {
    this.#layouts = layouts;
    this.#tensor = tensor;
  }

  layout(id: RegionId): RegionLayout {
    return defined(this.#layouts[id], `region ${id}`);
  }

  /** The (rows, columns) matrix of a region, row-major whatever its layout: the values that are stored. */
  matrix(id: RegionId): Float32Array {
    const known = this.#matrices.get(id);
    if (known !== undefined) return known;
    const layout = this.layout(id);
    const { tensor, offset, rows, columns } = layout.matrix;
    const part = { tensor, offset, count: rows * columns, row: columns };
    const format = formatOf(layout);
    const result = storedPart(this.#tensor(tensor), part, format, this.#learned(tensor, format));
    this.#matrices.set(id, result);
    return result;
  }

  /** Scales that were trained beside the values of a tensor. */
  #learned(tensor: string, format: NumberFormat): Float32Array | undefined {
    return hasLearnedScales(format) ? this.#tensor(scalesName(tensor)) : undefined;
  }

  /** Codes and scales of a region in an integer format, row-major whatever its layout. */
  grid(id: RegionId): ReturnType<typeof partGrid> {
    const known = this.#grids.get(id);
    if (known !== undefined) return known;
    const layout = this.layout(id);
    const format = formatOf(layout);
    invariant(format.kind === 'integer', `region ${id} holds integers`);
    const { tensor, offset, rows, columns } = layout.matrix;
    const part = { tensor, offset, count: rows * columns, row: columns };
    const result = partGrid(this.#tensor(tensor), part, format, this.#learned(tensor, format));
    this.#grids.set(id, result);
    return result;
  }

  /** Codes and scales of a sparse matrix in an integer format, in storage order, and where its blocks lie. */
  sparseGrid(id: RegionId): ReturnType<typeof sparseGrid> & { readonly per: Per; readonly stored: SparseBlocks } {
    const known = this.#sparseGrids.get(id);
    if (known !== undefined) return known;
    const layout = this.layout(id);
    const format = formatOf(layout);
    invariant(layout.kind === 'sparse' && format.kind === 'integer', `region ${id} holds sparse integers`);
    const { stored, ...sparse } = sparseValues(layout, this.#tensor(layout.matrix.tensor));
    const learned = this.#learned(layout.matrix.tensor, format);
    const result = { ...sparseGrid(sparse, format, learned), per: format.per, stored };
    this.#sparseGrids.set(id, result);
    return result;
  }

  /** The stored blocks, by the region of any of a sparse matrix's sections. */
  sparse(id: RegionId): SparseBlocks {
    const known = this.#sparse.get(id);
    if (known !== undefined) return known;
    const layout = this.layout(id);
    invariant(layout.kind === 'sparse', `region ${id} is sparse`);
    const [{ tensor }, format] = [layout.matrix, formatOf(layout)];
    const { stored, ...sparse } = sparseValues(layout, this.#tensor(tensor));
    const result = { ...stored, values: storedSparse(sparse, format, this.#learned(tensor, format)) };
    this.#sparse.set(id, result);
    return result;
  }
}

/** Everything a reference kernel may read or write. */
export interface Execution {
  readonly memory: Memory;
  readonly weights: RegionValues;
  /** The token of an input at this step. */
  readonly id: (input: string) => number;
  /** Error bound of one sigmoid or tanh of `argument`, from that of the argument. */
  readonly activationError: (name: 'sigmoid' | 'tanh', argument: number, argumentError: number) => number;
}
