/** What is to be said about an example of a page: its program, its budgets, and the weights it is fitted to. Pure. */
import { compile } from '../compile.js';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { fitModel } from '../fit/fit-model.js';
import type { Example } from '../report/diagnostic-pages/page.js';
import { defined } from '../support/assert.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { size } from '../tensor/shape.js';
import type { Weights } from '../tensor/tensor.js';
import { exceededBudgets } from './budget.js';

/** Drawn values, always the same. */
function drawn({ weights = {}, notFinite }: Example): Weights {
  return new Map(
    Object.entries(weights).map(([name, shape]) => {
      const data = new Float32Array(size(shape));
      fillUniform(data, 1, streamKey(1, name));
      if (name === notFinite) data[0] = Number.NaN;
      return [name, { shape, data }];
    }),
  );
}

export function examine(example: Example): readonly Diagnostic[] {
  const diagnostics = new Diagnostics();
  const program = defined(Object.keys(example.files)[0], 'the program of an example');
  const compiled = compile(program, (path) => example.files[path], diagnostics.report);
  if (compiled === undefined) return diagnostics.all;
  const { model } = compiled;
  if (example.weights !== undefined) fitModel(model, drawn(example), diagnostics.report);
  return [...diagnostics.all, ...exceededBudgets(model, model.emits)];
}
