/** The weights that one rule selects in one layer, what is measured of them, and what solving them gives. */
import type { Matrix, Site, Weight } from '../methods/method.js';
import type { Block } from '../tensor/blocks.js';
import { size } from '../tensor/shape.js';
import { type Cost, noCost, plainCost } from './cost.js';
import type { DefinedLayer } from './definitions.js';
import type { Goal } from './goals.js';
import type { CheckedRule } from './rules.js';
import type { UnitDraft } from './units.js';

export interface Task {
  readonly layer: DefinedLayer;
  readonly rule: CheckedRule;
  readonly drafts: readonly UnitDraft[];
  /** The rule stores all matrices of the layer: biases count on both sides. */
  readonly whole: boolean;
}

export interface Solution {
  /** In the order of the drafts. */
  readonly weights: readonly Weight[];
  /** What is pruned together. */
  readonly block: Block;
  /** Elements of masked tensors; 0 where nothing is pruned. */
  readonly elements: number;
  /** Values left of them. */
  readonly kept: number;
}

/** What a goal measures: a setting is within the goal when `of` its cost is at most `budget`. */
export interface Measure {
  /** Of the dense weights; 0 for a goal in bytes, which has no factor. */
  readonly before: number;
  readonly budget: number;
  readonly of: (cost: Cost) => number;
}

/** Parameters of the dense matrices that the task covers. */
export const denseParameters = ({ matrix }: UnitDraft): number => matrix.gates * size(matrix.shape);

export function measureOf({ layer, drafts, whole }: Task, goal: Goal): Measure {
  const plain = whole ? plainCost(layer.shape) : noCost;
  const dense = drafts.reduce((sum, draft) => sum + denseParameters(draft), 0);
  // Without the last term a goal such as 10/3x could lose one value to rounding in binary.
  const within = (before: number): number => Math.floor((before / goal.amount) * (1 + 1e-12));
  switch (goal.kind) {
    case 'parameters': {
      const before = dense + plain.parameters;
      return { before, budget: within(before), of: (cost) => cost.parameters + plain.parameters };
    }
    case 'macs':
      return { before: dense, budget: within(dense), of: (cost) => cost.macs };
    case 'bytes':
      return { before: 0, budget: goal.amount, of: (cost) => cost.bytes + plain.bytes };
  }
}

/** A draft's matrix as the rule lays it out: with `layout=stacked` the gates stand below each other. */
export function matrixOf({ rule }: Task, { matrix }: UnitDraft): Matrix {
  if (!rule.use.stacked) return matrix;
  const { gates, shape, columns } = matrix;
  return { gates: 1, shape: [gates * shape[0], shape[1]], columns };
}

export const siteOf = ({ layer, rule }: Task, { path }: UnitDraft): Site => ({
  layerKind: layer.kind,
  path,
  span: rule.node.method.callee.span,
});

/** The weights of a solution, tied to their drafts. */
export const pairs = ({ drafts }: Task, { weights }: Solution): readonly (readonly [UnitDraft, Weight])[] =>
  drafts.map((draft, i) => [draft, weights[i]!]);
