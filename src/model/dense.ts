/** The dense weight: what a matrix is when no rule selects it, and what all sizes are compared with. */
import type { Matrix, Site, Weight } from '../methods/method.js';
import { findMethod } from '../methods/methods.js';
import { defined, invariant } from '../support/assert.js';
import type { Call } from '../syntax/ast.js';
import type { Unit } from './model.js';

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
  const { gates: laid, shape, columns } = weight.matrix;
  return { gates: gates.length, shape: [(laid * shape[0]) / gates.length, shape[1]], columns };
}
