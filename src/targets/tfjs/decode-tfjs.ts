/**
 * `model.json` and `weights.bin`, as `encode-tfjs` writes them, -> a tfjs graph model. A page reads the model that was
 * emitted beside it by this; it is no reader of other converters' files.
 */
import { defined, invariant, unreachable } from '../../support/assert.js';
import type { Shape } from '../../tensor/shape.js';
import { size } from '../../tensor/shape.js';
import type { DataType } from '../../tensor/tensor.js';
import type { ModelValue } from '../graph-writer.js';
import type { tfjsArtifacts } from './encode-tfjs.js';
import type { TfjsAttribute, TfjsConstant, TfjsModel, TfjsNode } from './tfjs-model.js';

type Artifacts = ReturnType<typeof tfjsArtifacts>;

/** `model.json` as JSON gives it. */
export interface TfjsFile extends Omit<Artifacts, 'weightSpecs'> {
  readonly weightsManifest: readonly { readonly weights: Artifacts['weightSpecs'] }[];
}

const types: Readonly<Record<string, DataType>> = { DT_FLOAT: 'float32', DT_INT32: 'int32' };
const typeNamed = (name: string): DataType => defined(types[name], `the type ${name}`);

interface EncodedShape {
  readonly dim: readonly { readonly size: string }[];
}
const decodeShape = ({ dim }: EncodedShape): Shape => dim.map((d) => Number(d.size));

function decodeAttribute(encoded: object): TfjsAttribute {
  const value = encoded as { b?: boolean; i?: string; type?: string; shape?: EncodedShape };
  if (value.b !== undefined) return value.b;
  if (value.i !== undefined) return Number(value.i);
  if (value.type !== undefined) return { type: typeNamed(value.type) };
  return { shape: decodeShape(defined(value.shape, 'shape of an attribute')) };
}

const decodeNode = ({ name, op, attr, ...rest }: Artifacts['modelTopology']['node'][number]): TfjsNode => ({
  name,
  op,
  inputs: (rest as { readonly input?: readonly string[] }).input ?? [],
  attributes: Object.fromEntries(Object.entries(attr).map(([key, value]) => [key, decodeAttribute(value)])),
});

const decodeValues = (encoded: Artifacts['signature']['inputs']): ModelValue[] =>
  Object.entries(encoded).map(([name, { dtype, tensorShape }]) => ({
    name,
    shape: decodeShape(tensorShape),
    type: typeNamed(dtype),
  }));

function decodeConstants(specs: Artifacts['weightSpecs'], bytes: Uint8Array): TfjsConstant[] {
  let at = 0;
  const constants = specs.map(({ name, shape, dtype }): TfjsConstant => {
    const start = at;
    at += 4 * size(shape);
    const { buffer } = bytes.slice(start, at);
    switch (dtype) {
      case 'float32':
        return { name, shape, data: new Float32Array(buffer) };
      case 'int32':
        return { name, shape, data: new Int32Array(buffer) };
      default:
        return unreachable(dtype);
    }
  });
  invariant(at === bytes.length, `weights of ${at} bytes in a file of ${bytes.length}`);
  return constants;
}

/** The model of the two files, its constants in the order of `weights.bin`. */
export function decodeTfjs({ signature, modelTopology, weightsManifest }: TfjsFile, weights: Uint8Array): TfjsModel {
  return {
    nodes: modelTopology.node.map(decodeNode),
    constants: decodeConstants(
      weightsManifest.flatMap((group) => group.weights),
      weights,
    ),
    inputs: decodeValues(signature.inputs),
    outputs: decodeValues(signature.outputs),
  };
}
