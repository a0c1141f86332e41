/** The dense weight: what a matrix is when no rule selects it, and what all sizes are compared with. */
import type { Matrix, Site, Weight } from '../methods/method.js';
import { findMethod } from '../methods/methods.js';
import { defined, invariant } from '../support/assert.js';
import type { Call } from '../syntax/ast.js';
import type { NumberFormat } from '../tensor/number-format.js';
import { addCosts, type Cost, plainCost, weightCost } from './cost.js';
import { inFormat } from './formats.js';
import type { Layer, Unit } from './model.js';
import { matrixOf } from './units.js';

/** As if a rule `path: dense` stood at the layer's definition. */
export function bindDense(matrix: Matrix, site: Site): Weight {
  const { span } = site;
  const call: Call = { kind: 'call', callee: { kind: 'name', text: 'dense', span }, args: [], span };
  const report = (): void => invariant(false, `${site.path} cannot be dense`);
  const use = defined(findMethod('dense'), 'the method dense').use(call, new Map(), report);
  return defined(use?.bind(matrix, site, report), `the dense weight of ${site.path}`);
}

/** The matrix of a unit gate by gate, however its method lays it out. */
export function denseMatrix({ gates, weight }: Unit): Matrix {
  const { gates: laid, shape } = weight.matrix;
  return { ...weight.matrix, gates: gates.length, shape: [(laid * shape[0]) / gates.length, shape[1]] };
}

/** A layer whose every matrix is dense and in a format, biases and tables included. */
export function denseCost(
  { name, kind, span, shape }: Pick<Layer, 'name' | 'kind' | 'span' | 'shape'>,
  format: NumberFormat,
): Cost {
  const { family } = shape;
  const plain = plainCost(shape);
  if (family === undefined) return plain;
  const blocks = family.columns.map((_, block) => block);
  const matrix = matrixOf(family, Math.max(family.gates.length, 1), blocks);
  const weight = bindDense(matrix, { layerKind: kind, path: name, span });
  return addCosts([weightCost(inFormat(weight, format), 0), plain]);
}
