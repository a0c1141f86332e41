/** The weights that one rule selects in one layer, what is measured of them, and what solving them gives. */
import type { Matrix, Site, Weight } from '../methods/method.js';
import type { Block } from '../tensor/blocks.js';
import { float32, type NumberFormat } from '../tensor/number-format.js';
import { size } from '../tensor/shape.js';
import { addCosts, type Cost, noCost, plainCost, weightCost } from './cost.js';
import type { DefinedLayer } from './definitions.js';
import { bindDense } from './dense.js';
import { inFormat } from './formats.js';
import type { Goal } from './goals.js';
import { budgetOf, type Measure, measureBetween } from './measure.js';
import type { CheckedRule } from './rules.js';
import type { UnitDraft } from './units.js';

export interface Task {
  readonly layer: DefinedLayer;
  readonly rule: CheckedRule;
  readonly drafts: readonly UnitDraft[];
  /** The rule stores all matrices of the layer: biases count on both sides. */
  readonly whole: boolean;
  /** Its share of a goal that several layers have together; undefined: the goal is its own. */
  readonly budget?: number;
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
  /** How open arguments were solved, for each weight. */
  readonly why: readonly (readonly string[])[];
}

/** Parameters of the dense matrices that the task covers. */
export const denseParameters = ({ matrix }: UnitDraft): number => matrix.gates * size(matrix.shape);

/**
 * The weights of a task as the program writes them, dense and in a format; biases included where the task is the whole
 * layer.
 */
export const writtenCostIn = (
  { layer, drafts, whole }: Pick<Task, 'layer' | 'drafts' | 'whole'>,
  format: NumberFormat,
): Cost =>
  addCosts([
    ...drafts.map(({ written, path }) =>
      weightCost(inFormat(bindDense(written, { layerKind: layer.kind, path, span: layer.span }), format), 0),
    ),
    whole ? plainCost(layer.written) : noCost,
  ]);

/** The same in float32: what factors are of. */
export const writtenCost = (task: Pick<Task, 'layer' | 'drafts' | 'whole'>): Cost => writtenCostIn(task, float32);

/** What a goal measures of tasks that it has as one: their weights, and biases where a task is the whole layer. */
export function measureOf(tasks: readonly Task[], goal: Goal): Measure {
  const before = addCosts(tasks.map(writtenCost));
  const plain = addCosts(tasks.map(({ whole, layer }) => (whole ? plainCost(layer.shape) : noCost)));
  const share = tasks.length === 1 ? tasks[0]!.budget : undefined;
  const { of, ...measure } = measureBetween(goal, before, share ?? budgetOf(goal, before));
  return { ...measure, of: (cost) => of(addCosts([cost, plain])) };
}

/** A draft's matrix as the rule lays it out: with `layout=stacked` the gates stand below each other. */
export function matrixOf({ rule }: Task, { matrix }: UnitDraft): Matrix {
  if (!rule.use.stacked) return matrix;
  const { gates, shape } = matrix;
  return { ...matrix, gates: 1, shape: [gates * shape[0], shape[1]] };
}

export const siteOf = ({ layer, rule }: Task, { path }: UnitDraft): Site => ({
  layerKind: layer.kind,
  path,
  span: rule.node.method.callee.span,
});

/** The weights of a solution, tied to their drafts. */
export const pairs = ({ drafts }: Task, { weights }: Solution): readonly (readonly [UnitDraft, Weight])[] =>
  drafts.map((draft, i) => [draft, weights[i]!]);
