/** How near each stored weight came to the given matrix, as a table. */
import type { FittedUnit } from '../fit/fit-model.js';
import { formatTable } from './summary-table.js';

export const fitTable = (units: readonly FittedUnit[]): string =>
  formatTable(
    [{ title: 'weight' }, { title: 'stored as' }, { title: 'relative error', align: 'right' }],
    units.map(({ path, method, relativeError }) => [path, method, errorText(relativeError)]),
  );

const errorText = (error: number | undefined): string =>
  error === undefined ? 'as given' : error === 0 ? '0' : error.toPrecision(4);
