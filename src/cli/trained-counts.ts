/** How many values training has kept of each tensor, where a build has weights and the program alone cannot say it. */
import { trainedKept } from '../lower/inference-kept.js';
import type { KeptOfTensors } from '../model/pools.js';
import { Fault } from '../support/fault.js';
import { hasWeights, loadWeights } from './build-folder.js';
import type { Opened } from './program.js';

/** Undefined where nothing is ranked over several layers, and where the build's weights are not of this program. */
export function trainedCounts(opened: Opened): KeptOfTensors | undefined {
  const { model, buildFolder } = opened;
  if (!model.pools.some(({ layers }) => layers.length > 1) || !hasWeights(buildFolder)) return undefined;
  try {
    return trainedKept(model, loadWeights(opened).weights);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
