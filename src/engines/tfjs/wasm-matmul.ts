/**
 * Products of two large matrices, and sums over rows, in the memory of the wasm backend of tfjs, by the functions of
 * `matmul-code.ts`. Operands are taken as they lie, turned or not: the backend's own product is fast only for operands
 * that are not, and rereads the whole right one for every four rows.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { type MatmulExports, matmulModule, tileColumns, tileRows } from './matmul-code.js';

type Kernel = KernelConfig['kernelFunc'];

/** What is used of the backend; `asm` are the exports of its module. */
export interface WasmBackend {
  readonly wasm: {
    readonly asm?: { readonly memory?: unknown };
    readonly _malloc: (bytes: number) => number;
  };
  readonly makeOutput: (shape: number[], type: TensorInfo['dtype']) => TensorInfo;
  readonly getMemoryOffset: (id: object) => number;
}

/** A block of the right operand stays in a second-level cache, a panel of it and one of the left in the first. */
const blockDepth = 256;
const blockRows = 128;
const blockColumns = 512;

/** With fewer rows the backend's own product, which keeps a right operand packed, is better; with less else, too. */
const leastRows = 64;
const leastOthers = 8;
const leastProducts = 2 ** 18;

/** Whether a product (m, k) (k, n) is made here. */
export const takesProduct = (m: number, k: number, n: number): boolean =>
  m >= leastRows && Math.min(k, n) >= leastOthers && m * k * n >= leastProducts;

/** A matrix in the memory: element (i, p) at `start` + `far` i + `near` p, in bytes. */
interface Operand {
  readonly start: number;
  readonly far: number;
  readonly near: number;
}

interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** The functions over one backend's memory, and room for blocks in it. */
class Products {
  private readonly exports: MatmulExports;
  private readonly left: number;
  private readonly right: number;
  private readonly spare: number;

  constructor({ wasm }: WasmBackend, memory: WebAssembly.Memory) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(matmulModule()), { given: { memory } });
    this.exports = exports as unknown as MatmulExports;
    const room = (lines: number): number => wasm._malloc(4 * lines * blockDepth) >>> 0;
    this.left = room(blockRows);
    this.right = room(blockColumns);
    this.spare = wasm._malloc(4 * tileRows * tileColumns) >>> 0;
  }

  /** (m, k) by the columns of (k, n), which are its lines, into a plain (m, n). */
  multiply(a: Operand, b: Operand, out: number, { m, k, n }: Sizes): void {
    for (let column = 0; column < n; column += blockColumns) {
      const columns = Math.min(blockColumns, n - column);
      for (let p = 0; p < k; p += blockDepth) {
        const depth = Math.min(blockDepth, k - p);
        this.exports.pack8(b.start + b.far * column + b.near * p, b.far, b.near, this.right, columns, depth);
        for (let row = 0; row < m; row += blockRows) {
          const rows = Math.min(blockRows, m - row);
          this.exports.pack4(a.start + a.far * row + a.near * p, a.far, a.near, this.left, rows, depth);
          const at = out + 4 * (row * n + column);
          const first = p === 0 ? 1 : 0;
          this.exports.multiply(this.left, this.right, at, 4 * n, rows, columns, depth, first, this.spare);
        }
      }
    }
  }

  /** (rows, columns) into (columns), row by row. */
  addRows(from: number, to: number, rows: number, columns: number): void {
    this.exports.addRows(from, to, rows, columns);
  }
}

const made = new WeakMap<object, Products | null>();

/** Undefined where the backend does not show its memory. */
function productsOf(backend: WasmBackend): Products | undefined {
  const known = made.get(backend);
  if (known !== undefined) return known ?? undefined;
  const memory = backend.wasm.asm?.memory;
  const products = memory instanceof WebAssembly.Memory ? new Products(backend, memory) : null;
  made.set(backend, products);
  return products ?? undefined;
}

/** Whether the backend shows its memory, so that the kernels below do the work. */
export const hasProducts = (backend: object): boolean => productsOf(backend as WasmBackend) !== undefined;

const isMatrix = ({ shape, dtype }: TensorInfo): boolean => shape.length === 2 && dtype === 'float32';

/** A matrix by its lines: the axis that is kept, and the contracted one along each. */
function operand(start: number, [, width]: readonly number[], linesAreRows: boolean): Operand {
  const pitch = 4 * width!;
  return linesAreRows ? { start, far: pitch, near: 4 } : { start, far: 4, near: pitch };
}

export const batchMatMul =
  (own: Kernel): Kernel =>
  (call) => {
    const { a, b } = call.inputs as { readonly a: TensorInfo; readonly b: TensorInfo };
    const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
    if (!isMatrix(a) || !isMatrix(b)) return own(call);
    const [m, k] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
    const [inner, n] = transposeB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
    const backend = call.backend as WasmBackend;
    const products = k === inner && takesProduct(m, k, n) ? productsOf(backend) : undefined;
    if (products === undefined) return own(call);
    const out = backend.makeOutput([m, n], 'float32');
    const at = ({ dataId }: TensorInfo): number => backend.getMemoryOffset(dataId) >>> 0;
    const left = operand(at(a), a.shape, !transposeA);
    products.multiply(left, operand(at(b), b.shape, transposeB), at(out), { m, k, n });
    return out;
  };

/** The sum of a matrix over its rows; the backend turns it first. */
export const sum =
  (own: Kernel): Kernel =>
  (call) => {
    const { x } = call.inputs as { readonly x: TensorInfo };
    const { axis, keepDims } = call.attrs as unknown as { axis: number | readonly number[]; keepDims: boolean };
    const backend = call.backend as WasmBackend;
    const overRows = isMatrix(x) && (Array.isArray(axis) ? axis.length === 1 && axis[0] === 0 : axis === 0);
    const products = overRows ? productsOf(backend) : undefined;
    if (products === undefined) return own(call);
    const [rows, columns] = x.shape as [number, number];
    const out = backend.makeOutput(keepDims ? [1, columns] : [columns], 'float32');
    const to = backend.getMemoryOffset(out.dataId) >>> 0;
    products.addRows(backend.getMemoryOffset(x.dataId) >>> 0, to, rows, columns);
    return out;
  };
