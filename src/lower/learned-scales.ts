/**
 * Scales of number formats that are trained beside their values (Esser et al. 2020, "Learned step size quantization"):
 * where they start, how a step of training sees them, and how far their gradients count. Rounds nothing itself.
 */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import { defined } from '../support/assert.js';
import { gridOf as calibrated, leastScale, runCount, scalesName } from '../tensor/grid.js';
import { size } from '../tensor/shape.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import type { GridOf, Parameter } from './training-graph.js';

/** The scales of a weight as a tensor that is trained with it. */
export function scalesParameter({ name, shape, part }: Parameter, grid: Omit<GridOf, 'weight'>): Parameter {
  return {
    name: scalesName(name),
    shape: [runCount(grid.runs, size(shape))],
    bound: 0,
    value: 0,
    patch: undefined,
    mask: undefined,
    ...(part === undefined ? {} : { part }),
    gridOf: { ...grid, weight: name },
  };
}

/** Values on the grid of their scales, which count as their magnitudes and are never zero. */
export function onLearnedGrid(
  g: Builder,
  value: Value,
  scales: Value,
  { levels, runs }: Omit<GridOf, 'weight'>,
): Value {
  const shape = g.shape(value);
  const rows = size(shape) / runs.row;
  const used = g.max(g.abs(scales), g.constant(leastScale));
  const each = size(g.shape(scales)) / rows;
  const snapped = g.snapTo(g.reshape(value, [rows, runs.row]), g.reshape(used, [rows, each]), levels, runs.run);
  return g.reshape(snapped, shape);
}

/** What a scale's gradient is multiplied by, so that scales and weights move at one pace: 1 / sqrt(values * levels). */
export const gradientScale = ({ levels, runs }: GridOf): number => 1 / Math.sqrt(runs.run * levels);

/** Scales from the largest magnitudes, as they are where nothing is learned. */
export function calibratedScales({ shape, gridOf }: Parameter, weights: Weights): FloatTensor {
  const { weight, levels, runs } = defined(gridOf, 'the grid of learned scales');
  const { data } = defined(weights.get(weight), `weight ${weight}`);
  return { shape, data: calibrated(data, levels, runs).scales };
}

/** Weights with the scales that they lack. */
export const withScales = (parameters: readonly Parameter[], weights: Weights): Weights =>
  new Map([
    ...weights,
    ...parameters.flatMap((p) =>
      p.gridOf === undefined || weights.has(p.name) ? [] : [[p.name, calibratedScales(p, weights)] as const],
    ),
  ]);
