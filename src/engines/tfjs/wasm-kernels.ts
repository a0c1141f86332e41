/**
 * Kernels that stand in for two of the wasm backend of tfjs 4: its own copies the whole operand out of its memory
 * for every part that it cuts off, and looks up rows value by value. Same results, bit for bit; tfjs is given.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { batchMatMul, sum } from './wasm-matmul.js';

type Core = Pick<typeof import('@tensorflow/tfjs-core'), 'getKernel' | 'registerKernel' | 'unregisterKernel'>;
type Kernel = KernelConfig['kernelFunc'];
type Values = Float32Array | Int32Array;

/** What these kernels use of the backend. */
interface Heap {
  makeOutput: (shape: number[], type: TensorInfo['dtype']) => TensorInfo;
  /** A view, which is gone once the memory grows. */
  typedArrayFromHeap: (tensor: TensorInfo) => Values;
}

const product = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1);
const isNumeric = ({ dtype }: TensorInfo): boolean => dtype === 'float32' || dtype === 'int32';

/** Parts of the given lengths along an axis, one after the other. */
function split(heap: Heap, x: TensorInfo, lengths: readonly number[], axis: number): TensorInfo[] {
  const parts = lengths.map((length) => {
    const shape = x.shape.map((d, i) => (i === axis ? length : d));
    return heap.makeOutput(shape, x.dtype);
  });
  const [rows, inner] = [product(x.shape.slice(0, axis)), product(x.shape.slice(axis + 1))];
  const source = heap.typedArrayFromHeap(x);
  let start = 0;
  for (const [i, part] of parts.entries()) {
    const width = lengths[i]! * inner;
    const target = heap.typedArrayFromHeap(part);
    for (let row = 0; row < rows; row++) {
      const from = row * x.shape[axis]! * inner + start;
      target.set(source.subarray(from, from + width), row * width);
    }
    start += width;
  }
  return parts;
}

/** Rows of a table, or undefined when one does not exist. */
function lookUp(heap: Heap, table: TensorInfo, ids: TensorInfo): TensorInfo | undefined {
  const [count] = table.shape as [number];
  if (heap.typedArrayFromHeap(ids).some((id) => id < 0 || id >= count)) return undefined;
  const width = product(table.shape.slice(1));
  const out = heap.makeOutput([...ids.shape, ...table.shape.slice(1)], table.dtype);
  const [source, target] = [heap.typedArrayFromHeap(table), heap.typedArrayFromHeap(out)];
  heap.typedArrayFromHeap(ids).forEach((id, row) => {
    target.set(source.subarray(id * width, (id + 1) * width), row * width);
  });
  return out;
}

const splitV =
  (own: Kernel): Kernel =>
  (call) => {
    const { x } = call.inputs as { readonly x: TensorInfo };
    const { numOrSizeSplits, axis } = call.attrs as unknown as { numOrSizeSplits: unknown; axis: number };
    const plain = Array.isArray(numOrSizeSplits) && numOrSizeSplits.every((n) => typeof n === 'number' && n > 0);
    if (!plain || axis < 0 || !isNumeric(x)) return own(call);
    return split(call.backend as Heap, x, numOrSizeSplits as number[], axis);
  };

const gather =
  (own: Kernel): Kernel =>
  (call) => {
    const { x, indices } = call.inputs as { readonly x: TensorInfo; readonly indices: TensorInfo };
    const { axis, batchDims } = call.attrs as unknown as { axis: number; batchDims: number };
    const rows = axis === 0 && batchDims === 0 && isNumeric(x) && indices.dtype === 'int32';
    return (rows ? lookUp(call.backend as Heap, x, indices) : undefined) ?? own(call);
  };

const replaced = new WeakSet<Kernel>();

/** Puts the kernels in the place of the backend's own; a second call changes nothing. */
export function replaceWasmKernels(core: Core): void {
  const kernels = { SplitV: splitV, GatherV2: gather, BatchMatMul: batchMatMul, Sum: sum };
  for (const [kernelName, make] of Object.entries(kernels)) {
    const own = core.getKernel(kernelName, 'wasm');
    if (own === undefined || replaced.has(own.kernelFunc)) continue;
    const kernelFunc = make(own.kernelFunc);
    replaced.add(kernelFunc);
    core.unregisterKernel(kernelName, 'wasm');
    // With what the backend's own needs to be set up: it is still asked where the operands are unusual.
    core.registerKernel({ ...own, kernelFunc });
  }
}
