/** What layers asked for, as it was recorded: the ends of a model and its buffers and weights, none placed yet. */
import type { RegionLayout } from '../kernels/calls.js';
import type { RecordedBuffer } from '../kernels/recorder.js';
import type { InferencePlan } from './inference-plan.js';

export interface Recorded extends Pick<InferencePlan, 'inputs' | 'outputs' | 'states' | 'finish'> {
  /** By region id. */
  readonly layouts: readonly RegionLayout[];
  readonly buffers: readonly RecordedBuffer[];
}
