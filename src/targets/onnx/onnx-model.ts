/** An ONNX model as plain data: what `to-onnx` makes, `encode-onnx` writes and `print-onnx` shows. */
import type { Shape } from '../../tensor/shape.js';
import type { ModelValue } from '../graph-writer.js';

/** int, ints, string, or a tensor of one float (`ConstantOfShape`). */
export type OnnxAttribute = number | readonly number[] | string | { readonly element: number };

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** Float data is a tensor of the program; int64 data are shapes, axes and lengths. */
export interface OnnxInitializer {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | BigInt64Array;
}

/** A table that a model does not write: two outputs, which rows of it change, and what they become. */
export interface RowOutput {
  /** The output that would be the whole table. */
  readonly output: string;
  /** int32 (n), each id once. */
  readonly ids: string;
  /** (n, width). */
  readonly rows: string;
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** Where they were asked for. */
  readonly rowOutputs?: readonly RowOutput[];
}

/** An extent that is known only when the model runs. */
export const unknownExtent = -1;

/** Intermediate representation and operator set that are written. */
export const irVersion = 8;
export const opsetVersion = 17;
