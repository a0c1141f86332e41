/** ONNX model -> protobuf bytes, and back. With `print-onnx` the only readers and writers of the format. */
import type { onnx as Proto } from 'onnx-proto';
import onnxProto from 'onnx-proto';
import { invariant } from '../../support/assert.js';
import { Fault } from '../../support/fault.js';
import type { DataType } from '../../tensor/tensor.js';
import type { ModelValue } from '../graph-writer.js';
import type { OnnxAttribute, OnnxInitializer, OnnxModel, OnnxNode } from './onnx-model.js';
import { irVersion, opsetVersion, unknownExtent } from './onnx-model.js';

const { onnx } = onnxProto;
const { AttributeType } = onnx.AttributeProto;
const { DataType: ElementType } = onnx.TensorProto;
const elementTypes: { readonly [K in DataType]: number } = { float32: ElementType.FLOAT, int32: ElementType.INT32 };

/** A protobuf message cannot be longer. */
const longest = 2 ** 31 - 1;

const bytesOf = (data: Float32Array | BigInt64Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function encodeAttribute(name: string, value: OnnxAttribute): Proto.IAttributeProto {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ('element' in value) {
    const rawData = bytesOf(Float32Array.of(value.element));
    return { name, type: AttributeType.TENSOR, t: { dataType: ElementType.FLOAT, dims: [1], rawData } };
  }
  return { name, type: AttributeType.INTS, ints: [...value] };
}

const encodeNode = (node: OnnxNode): Proto.INodeProto => ({
  opType: node.op,
  input: [...node.inputs],
  output: [...node.outputs],
  attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
});

const encodeInitializer = ({ name, shape, data }: OnnxInitializer): Proto.ITensorProto => ({
  name,
  dims: [...shape],
  dataType: data instanceof Float32Array ? ElementType.FLOAT : ElementType.INT64,
  rawData: bytesOf(data),
});

const encodeExtent = (extent: number): Proto.TensorShapeProto.IDimension =>
  extent === unknownExtent ? {} : { dimValue: extent };

const encodeValue = ({ name, shape, type }: ModelValue): Proto.IValueInfoProto => ({
  name,
  type: { tensorType: { elemType: elementTypes[type], shape: { dim: shape.map(encodeExtent) } } },
});

/** The bytes of a `.onnx` file. Refuses a model whose tensors do not fit into one protobuf message. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const stored = model.initializers.reduce((n, i) => n + i.data.byteLength, 0);
  if (stored > longest - 2 ** 24) {
    const message = `the model holds ${stored} bytes of weights, an .onnx file at most ${longest}`;
    throw new Fault('onnx/too-large', message, 'compress the weights, or emit another target');
  }
  const proto = onnx.ModelProto.fromObject({});
  proto.irVersion = irVersion;
  proto.producerName = 'rnnc';
  proto.opsetImport = [onnx.OperatorSetIdProto.create({ domain: '', version: opsetVersion })];
  proto.graph = onnx.GraphProto.create({
    name: 'rnnc',
    node: model.nodes.map(encodeNode),
    initializer: model.initializers.map(encodeInitializer),
    input: model.inputs.map(encodeValue),
    output: model.outputs.map(encodeValue),
  });
  return onnx.ModelProto.encode(proto).finish();
}

function readAttribute(a: Proto.IAttributeProto): OnnxAttribute {
  if (a.type === AttributeType.INT) return Number(a.i);
  if (a.type === AttributeType.STRING) return new TextDecoder().decode(a.s!);
  if (a.type === AttributeType.INTS) return a.ints!.map(Number);
  invariant(a.type === AttributeType.TENSOR && a.t?.rawData, `ONNX attribute ${a.name} of type ${a.type}`);
  return { element: new Float32Array(Uint8Array.from(a.t.rawData).buffer)[0]! };
}

const readNode = (node: Proto.INodeProto): OnnxNode => ({
  op: node.opType!,
  inputs: node.input!,
  outputs: node.output!,
  attributes: Object.fromEntries(node.attribute!.map((a) => [a.name!, readAttribute(a)])),
});

function readInitializer(tensor: Proto.ITensorProto): OnnxInitializer {
  // A copy of its own: the decoder gives a view at any offset of the file.
  const { buffer } = Uint8Array.from(tensor.rawData!);
  const data = tensor.dataType === ElementType.FLOAT ? new Float32Array(buffer) : new BigInt64Array(buffer);
  return { name: tensor.name!, shape: tensor.dims!.map(Number), data };
}

function readValue(value: Proto.IValueInfoProto): ModelValue {
  const tensor = value.type!.tensorType!;
  const shape = tensor.shape!.dim!.map((d) => Number(d.dimValue));
  return { name: value.name!, shape, type: tensor.elemType === ElementType.INT32 ? 'int32' : 'float32' };
}

/** Reads what `encodeOnnx` writes. */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const graph = onnx.ModelProto.decode(bytes).graph!;
  return {
    nodes: graph.node!.map(readNode),
    initializers: graph.initializer!.map(readInitializer),
    inputs: graph.input!.map(readValue),
    outputs: graph.output!.map(readValue),
  };
}
