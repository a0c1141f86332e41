/** The passes of training and evaluation graphs, in order. */
import { batchProducts } from './batch-products.js';
import { batchSteps } from './batch-steps.js';
import { dropUnused } from './drop-unused.js';
import { factorSums } from './factor-sums.js';
import { joinFactors } from './join-factors.js';
import { joinPads } from './join-pads.js';
import { joinProducts } from './join-products.js';
import { mergeDuplicates } from './merge-duplicates.js';
import type { Pass } from './pass.js';
import { reuseProducts } from './reuse-products.js';
import { simplify } from './simplify.js';

/**
 * Sums are shortened before `simplify` turns their negative terms into subtractions; products are batched after it,
 * when transposes have become flags; what that leaves is simplified once more. Time steps are batched last, when each
 * has become as small as it gets.
 */
export const trainingPasses: readonly Pass[] = [
  dropUnused,
  mergeDuplicates,
  factorSums,
  joinPads,
  simplify,
  mergeDuplicates,
  batchProducts,
  simplify,
  mergeDuplicates,
  joinProducts,
  reuseProducts,
  simplify,
  mergeDuplicates,
  batchSteps,
  joinFactors,
  mergeDuplicates,
];
