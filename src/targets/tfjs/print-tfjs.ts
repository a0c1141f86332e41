/** A tfjs graph model as stable text for golden files: one line a node, values of large tensors left out. */
import { formatShape } from '../../tensor/shape.js';
import { printValue } from '../graph-writer.js';
import type { TfjsAttribute, TfjsConstant, TfjsModel, TfjsNode } from './tfjs-model.js';

/** Longer tensors are shown by their shape only. */
const longestShown = 16;

function printAttribute(value: TfjsAttribute): string {
  if (typeof value !== 'object') return String(value);
  return 'type' in value ? value.type : formatShape(value.shape);
}

function printNode({ name, op, inputs, attributes }: TfjsNode): string {
  const shown = Object.entries(attributes).map(([key, value]) => `${key}=${printAttribute(value)}`);
  return `${name} = ${op}(${inputs.join(', ')})${shown.length === 0 ? '' : ` {${shown.join(', ')}}`}`;
}

function printConstant({ name, shape, data }: TfjsConstant): string {
  const type = data instanceof Float32Array ? 'float32' : 'int32';
  const values = data.length > longestShown ? '' : ` = ${[...data].join(' ')}`;
  return `constant ${name}: ${type} ${formatShape(shape)}${values}`;
}

/** The model as text; equal models give equal text. */
export function printTfjs(model: TfjsModel): string {
  const lines = [
    'tfjs graph-model',
    ...model.inputs.map((v) => printValue('input', v)),
    ...model.constants.map(printConstant),
    ...model.nodes.filter(({ op }) => op !== 'Const' && op !== 'Placeholder').map(printNode),
    ...model.outputs.map((v) => printValue('output', v)),
  ];
  return `${lines.join('\n')}\n`;
}
