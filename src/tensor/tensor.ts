/** Tensors as they travel between rooms: a shape and flat, row-major values. */
import type { Shape } from './shape.js';

export type DataType = 'float32' | 'int32';

/** What engines, checkpoints and weight files hold. */
export interface FloatTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}
export interface IntTensor {
  readonly shape: Shape;
  readonly data: Int32Array;
}
export type Tensor = FloatTensor | IntTensor;

/** Named float tensors; names are paths of the program, `rnn1.B`. */
export type Weights = ReadonlyMap<string, FloatTensor>;

/** What the oracle computes with. */
export interface DoubleTensor {
  readonly shape: Shape;
  readonly data: Float64Array;
}
