/** Writes every computation once. */
import { UniqueBuilder } from '../graph/unique-builder.js';
import type { Pass } from './pass.js';
import { rebuild } from './rebuild.js';

export const mergeDuplicates: Pass = {
  name: 'merge-duplicates',
  why: 'the backward sweep asks for the same slices, products and constants many times',
  run: (graph) => rebuild(graph, new UniqueBuilder()),
};
