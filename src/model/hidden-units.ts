/** The number that `small` solves and that its rows of tables show. */
import type { DefinedLayer } from './definitions.js';

/** Width of a recurrent layer's state, else the rows of its matrix. */
export const hiddenUnits = ({ shape }: Pick<DefinedLayer, 'shape'>): number =>
  Object.values(shape.states)[0] ?? shape.family?.rows ?? 0;
