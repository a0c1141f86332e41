/** What the C targets are given: a plan, its weights and its golden vectors. */
import type { GoldenVectors } from '../../lower/golden-vectors.js';
import type { InferencePlan } from '../../lower/inference-plan.js';
import type { Emit } from '../../model/model.js';
import type { Weights } from '../../tensor/tensor.js';

export interface EmitInput {
  readonly plan: InferencePlan;
  readonly weights: Weights;
  /** False for seeded weights: manifest, header and README say so. */
  readonly trained: boolean;
  readonly golden: GoldenVectors;
  readonly options: Emit;
  /** Words by id, when the model reads words. */
  readonly words?: readonly string[];
  /** Labels by class, when the model was trained on labelled examples. */
  readonly labels?: readonly string[];
  /** Facts that the manifest carries besides its own: parameters, methods, metric. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Blobs of more bytes than this are linked in as they are; smaller ones become C arrays. */
export const arrayLimit = 2_000_000;
