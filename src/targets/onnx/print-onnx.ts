/** An ONNX model as stable text for golden files: one line a node, values of large tensors left out. */
import { formatShape } from '../../tensor/shape.js';
import { printValue } from '../graph-writer.js';
import type { OnnxAttribute, OnnxInitializer, OnnxModel, OnnxNode } from './onnx-model.js';
import { irVersion, opsetVersion } from './onnx-model.js';

/** Longer tensors are shown by their shape only. */
const longestShown = 16;

function printAttribute(value: OnnxAttribute): string {
  if (typeof value === 'object') return 'element' in value ? `${value.element}` : `[${value.join(',')}]`;
  return String(value);
}

function printNode(node: OnnxNode): string {
  const attributes = Object.entries(node.attributes).map(([name, value]) => `${name}=${printAttribute(value)}`);
  const tail = attributes.length === 0 ? '' : ` {${attributes.join(', ')}}`;
  return `${node.outputs.join(', ')} = ${node.op}(${node.inputs.join(', ')})${tail}`;
}

function printInitializer({ name, shape, data }: OnnxInitializer): string {
  const type = data instanceof Float32Array ? 'float32' : 'int64';
  const values = data.length > longestShown ? '' : ` = ${[...data].join(' ')}`;
  return `constant ${name}: ${type} ${formatShape(shape)}${values}`;
}

/** The model as text; equal models give equal text. */
export function printOnnx(model: OnnxModel): string {
  const lines = [
    `onnx ir ${irVersion} opset ${opsetVersion}`,
    ...model.inputs.map((v) => printValue('input', v)),
    ...model.initializers.map(printInitializer),
    ...model.nodes.map(printNode),
    ...model.outputs.map((v) => printValue('output', v)),
  ];
  return `${lines.join('\n')}\n`;
}
