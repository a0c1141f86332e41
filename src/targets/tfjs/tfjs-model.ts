/** A tfjs graph model as plain data: nodes of a TensorFlow GraphDef, and the constants of its weights file. */
import type { Shape } from '../../tensor/shape.js';
import type { DataType } from '../../tensor/tensor.js';
import type { ModelValue } from '../graph-writer.js';

/** bool, a type, a shape, or an integer. */
export type TfjsAttribute = boolean | number | { readonly type: DataType } | { readonly shape: Shape };

/** Nodes that hold a value or are given one. */
export type TfjsValueOp = 'Const' | 'Placeholder';
/** All other nodes that are written: TensorFlow's names. */
export type TfjsOp =
  | ('Abs' | 'Cast' | 'Exp' | 'Identity' | 'Log' | 'Neg' | 'Relu' | 'Round' | 'Sigmoid' | 'Sign' | 'Softmax' | 'Sqrt')
  | ('Tanh' | 'AddV2' | 'Greater' | 'Maximum' | 'Minimum' | 'Mul' | 'RealDiv' | 'Sub' | 'BatchMatMulV2' | 'Max' | 'Sum')
  | ('ConcatV2' | 'Fill' | 'GatherNd' | 'GatherV2' | 'Pack' | 'Pad' | 'Reshape' | 'ScatterNd' | 'Slice' | 'SplitV')
  | ('Tile' | 'Transpose');

export interface TfjsNode {
  readonly name: string;
  readonly op: TfjsOp | TfjsValueOp;
  /** `name`, or `name:1` for the second result of a node. */
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, TfjsAttribute>>;
}

export interface TfjsConstant {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array;
}

export interface TfjsModel {
  readonly nodes: readonly TfjsNode[];
  readonly constants: readonly TfjsConstant[];
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
}
