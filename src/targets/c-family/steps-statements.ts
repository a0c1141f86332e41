/** C statements of products for all steps of a block: x and y have a row for each, and every weight is loaded once. */
import type { CallOf } from '../../kernels/calls.js';
import type { SharedProduct } from '../../lower/run-stages.js';
import { defined } from '../../support/assert.js';
import { sliceBits, sparseName } from './calls.js';
import { denseArguments, denseKernel, type Scope, sparseScales } from './format-statements.js';

/** The rows of a buffer: where the first one begins, and how many floats apart they lie. */
export interface RowsOf {
  readonly start: string;
  readonly stride: number;
}

/** Where a product reads and writes. */
interface Rows {
  readonly x: RowsOf;
  readonly y: RowsOf;
}

const rowsText = ({ start, stride }: RowsOf): string => `${start}, ${stride}`;

const statements: {
  readonly [K in SharedProduct['kind']]: (call: CallOf<K>, rows: Rows, scope: Scope) => string;
} = {
  gemv: (call, { x, y }, scope) =>
    `${denseKernel(call, '_steps', scope)}(${denseArguments(call, scope)}, ` +
    `${call.rows}, ${call.columns}, n, ${rowsText(x)}, ${rowsText(y)});`,
  sparse: ({ starts, indices, values, scales, decoded, rows, columns, block }, { x, y }, scope) => {
    const { weight, pointers, format } = scope;
    const word = decoded === undefined ? '' : `_${format(values).word}`;
    const by = decoded === undefined ? '' : `${sparseScales(values, scales, scope)}${pointers.at(decoded)}, `;
    return (
      `${sparseName(block, columns)}${word}_steps(${rows / block[0]}, ${weight(starts)}, ${weight(indices)}, ` +
      `${weight(values)}, ${by}n, ${rowsText(x)}, ${rowsText(y)});`
    );
  },
  sliced: ({ order, counts, indices, values, rows, columns, t }, { x, y }, { weight, pointers }) =>
    `sparse_add_sliced_steps_${sliceBits(rows, columns)}(${rows}, ${weight(order)}, ${weight(counts)}, ` +
    `${weight(indices)}, ${weight(values)}, ${columns}, n, ${rowsText(x)}, ` +
    `${pointers.at(defined(t, 'room for inputs side by side'))}, ${rowsText(y)});`,
};

/** The statement of one product. */
export const stepsStatement = (call: SharedProduct, rows: Rows, scope: Scope): string =>
  (statements[call.kind] as (call: SharedProduct, rows: Rows, scope: Scope) => string)(call, rows, scope);
