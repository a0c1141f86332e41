/** A tfjs graph model -> `model.json` and `weights.bin`, the files that `loadGraphModel` reads. */
import type { Shape } from '../../tensor/shape.js';
import type { DataType } from '../../tensor/tensor.js';
import type { ModelValue } from '../graph-writer.js';
import type { TfjsAttribute, TfjsConstant, TfjsModel, TfjsNode } from './tfjs-model.js';

const typeNames: { readonly [K in DataType]: string } = { float32: 'DT_FLOAT', int32: 'DT_INT32' };

const encodeShape = (shape: Shape) => ({ dim: shape.map((d) => ({ size: String(d) })) });

function encodeAttribute(value: TfjsAttribute): object {
  if (typeof value === 'boolean') return { b: value };
  if (typeof value === 'number') return { i: String(value) };
  return 'type' in value ? { type: typeNames[value.type] } : { shape: encodeShape(value.shape) };
}

const encodeNode = ({ name, op, inputs, attributes }: TfjsNode) => ({
  name,
  op,
  ...(inputs.length === 0 ? {} : { input: inputs }),
  attr: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, encodeAttribute(value)])),
});

const encodeConstant = ({ name, shape, data }: TfjsConstant) => ({
  name,
  shape: [...shape],
  dtype: data instanceof Float32Array ? ('float32' as const) : ('int32' as const),
});

const encodeValues = (values: readonly ModelValue[]) =>
  Object.fromEntries(
    values.map(({ name, shape, type }) => [
      name,
      { name: `${name}:0`, dtype: typeNames[type], tensorShape: encodeShape(shape) },
    ]),
  );

/** The parts of a model file, as the loader wants them. */
export const tfjsArtifacts = (model: TfjsModel) => ({
  format: 'graph-model',
  generatedBy: 'rnnc',
  convertedBy: 'rnnc',
  signature: { inputs: encodeValues(model.inputs), outputs: encodeValues(model.outputs) },
  modelTopology: { node: model.nodes.map(encodeNode), library: {}, versions: { producer: 1 } },
  weightSpecs: model.constants.map(encodeConstant),
});

/** Values of all constants, one after the other, little-endian. */
export function encodeTfjsWeights(model: TfjsModel): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(model.constants.reduce((n, c) => n + c.data.byteLength, 0));
  let at = 0;
  for (const { data } of model.constants) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** `model.json` beside a `weights.bin`; one node a line, so that differences can be read. */
export function encodeTfjs(model: TfjsModel): string {
  const { modelTopology, weightSpecs, ...head } = tfjsArtifacts(model);
  const lines = (values: readonly unknown[]): string => values.map((v) => `      ${JSON.stringify(v)}`).join(',\n');
  const headText = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  return `{
${headText.join('\n')}
  "modelTopology": {
    "node": [
${lines(modelTopology.node)}
    ],
    "library": {},
    "versions": { "producer": 1 }
  },
  "weightsManifest": [
    { "paths": ["weights.bin"], "weights": [
${lines(weightSpecs)}
    ] }
  ]
}
`;
}
