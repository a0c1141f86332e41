/** Reads `optimizer = ...` and `init = ...`. */
import { readArguments } from '../arguments/read.js';
import {
  named,
  optional,
  type Parameter,
  positiveReal,
  real,
  type Schema,
  shareBelowOne,
  withDefault,
} from '../arguments/schema.js';
import type { Expression } from '../syntax/ast.js';
import type { Checking } from './checking.js';
import type { Optimizer } from './model.js';
import type { Schedule } from './schedule.js';
import { readWorded } from './worded.js';

const common = {
  clip: named(optional(positiveReal('largest global norm of all gradients'))),
  weight_decay: named(withDefault(real('share of a weight taken off at each update, times the rate', 0), 0)),
} satisfies Schema;

const share = (doc: string, value: number): Parameter<number> => withDefault(shareBelowOne(doc), value);
const epsilon = (doc: string, value: number): Parameter<number> => withDefault(positiveReal(doc), value);

const adam = {
  beta1: share('decay of the first moment', 0.9),
  beta2: share('decay of the second moment', 0.999),
  epsilon: epsilon('added to the root of the second moment', 1e-8),
} satisfies Schema;

/** Defaults are those of PyTorch 2. */
const schemas = {
  sgd: {},
  momentum: { momentum: share('share of the last update', 0.9) },
  adam,
  adamw: adam,
  adagrad: { epsilon: epsilon('added to the root of the sum of squares', 1e-10) },
  rmsprop: {
    rho: share('decay of the mean of squares', 0.99),
    epsilon: epsilon('added to the root of the mean of squares', 1e-8),
    momentum: named(share('share of the last update', 0)),
  },
  adadelta: {
    rho: share('decay of both means of squares', 0.9),
    epsilon: epsilon('added to both means of squares before their roots', 1e-6),
  },
} satisfies Readonly<Record<Optimizer['kind'], Schema>>;

/** By the word of the optimizer, with the arguments that all of them share. */
export const optimizerSchemas: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(schemas).map(([word, schema]) => [word, { ...schema, ...common }]),
);

type Kind = Optimizer['kind'];
const words = Object.keys(schemas) as readonly Kind[];

/** A call or a bare word; undefined when an error was reported. */
export function readOptimizer(value: Expression, checking: Checking): Optimizer | undefined {
  const { constants, report } = checking;
  const read = readWorded(value, { name: 'optimizer', expects: 'one', example: 'sgd(clip=5)', words }, checking);
  if (read === undefined) return undefined;
  const { call, word: kind } = read;
  const args = readArguments(call, { ...schemas[kind], ...common } as Schema, constants, report);
  if (args === undefined) return undefined;
  const { clip, weight_decay: weightDecay, ...rule } = args.values;
  // Each row of `schemas` has exactly the numbers of its kind.
  return { kind, ...rule, clip, weightDecay } as Optimizer;
}

/** The rate of a program that names none. */
export const defaultRate = ({ kind }: Optimizer): Schedule => ({
  kind: 'constant',
  value: { sgd: 1, momentum: 0.1, adam: 0.001, adamw: 0.001, adagrad: 0.01, rmsprop: 0.01, adadelta: 1 }[kind],
});

const uniformSchema = { width: positiveReal('half-width of the draw of dense weights') };
/** By the word of the distribution. */
export const initSchemas: Readonly<Record<string, Schema>> = { uniform: uniformSchema };

/** `uniform(a)`: half-width of the draw of dense weights; undefined when an error was reported. */
export function readInit(value: Expression, checking: Checking): number | undefined {
  const distribution = { name: 'init', expects: 'a distribution', example: 'uniform(0.1)', words: ['uniform'] };
  const { call } = readWorded(value, distribution, checking) ?? {};
  return call && readArguments(call, uniformSchema, checking.constants, checking.report)?.values.width;
}
