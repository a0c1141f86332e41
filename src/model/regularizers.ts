/** Reads `regularize = cmr(p=, until=sparsity(90%)) | l2(x) | [...]` and checks it against what is pruned. */
import { readArguments, resolve } from '../arguments/read.js';
import { expression, named, optional, percent, type Schema } from '../arguments/schema.js';
import type { Span } from '../diagnostics/source.js';
import type { Call, Expression } from '../syntax/ast.js';
import type { Checking } from './checking.js';
import type { CoMatrixDropout } from './model.js';
import type { Schedule } from './schedule.js';
import { readKept, readRate } from './schedules.js';
import { trainError } from './train-messages.js';
import { readWorded } from './worded.js';

export interface Regularizers {
  readonly cmr: CoMatrixDropout | undefined;
  readonly cmrSpan: Span | undefined;
  readonly l2: Schedule | undefined;
  readonly l2Span: Span | undefined;
}

const cmrSchema = {
  p: expression('probability of keeping a row, at the start where `until` is given; a percent or a schedule'),
  until: named(optional(expression('where every row is kept, such as `sparsity(90%)`'))),
};
const l2Schema = { weight: expression('weight of the sum of squares, a number or a schedule') };

/** By the word of the regularizer. */
export const regularizerSchemas: Readonly<Record<string, Schema>> = { cmr: cmrSchema, l2: l2Schema };

const regularizer = {
  name: 'regularize',
  expects: '`cmr`, `l2` or a list of them',
  example: 'cmr(p=50%)',
  words: ['cmr', 'l2'],
} as const;

/** No regularizer. */
export const noRegularizers: Regularizers = { cmr: undefined, cmrSpan: undefined, l2: undefined, l2Span: undefined };

/** Undefined when an error was reported. */
export function readRegularizers(value: Expression, checking: Checking): Regularizers | undefined {
  const { constants, report } = checking;
  const resolved = resolve(value, constants);
  const items = resolved.kind === 'list' ? resolved.items : [value];
  let found: Regularizers | undefined = noRegularizers;
  const seen = new Set<string>();
  for (const item of items) {
    const worded = readWorded(item, regularizer, checking);
    if (worded !== undefined) {
      const { word } = worded;
      if (seen.has(word)) report(trainError('twice', item.span, { name: word }));
      seen.add(word);
    }
    const read = worded && readOne(worded, checking);
    found = found === undefined || read === undefined ? undefined : { ...found, ...read };
  }
  return found;
}

function readOne(
  { word, call }: { readonly word: 'cmr' | 'l2'; readonly call: Call },
  checking: Checking,
): Partial<Regularizers> | undefined {
  if (word === 'cmr') return readCmr(call, checking);
  const args = readArguments(call, l2Schema, checking.constants, checking.report);
  const l2 = args && readRate('weight', args.values.weight, checking);
  return l2 && { l2, l2Span: call.span };
}

function readCmr(call: Call, checking: Checking): Partial<Regularizers> | undefined {
  const args = readArguments(call, cmrSchema, checking.constants, checking.report);
  const p = args && readKept('p', args.values.p, checking);
  if (args === undefined || p === undefined) return undefined;
  const { until } = args.values;
  const cmrSpan = call.span;
  if (p.kind !== 'constant') {
    if (until === undefined) return { cmr: { keep: 1, until: undefined, over: p }, cmrSpan };
    checking.report(trainError('two-roads', args.at('until'), {}));
    return undefined;
  }
  if (until === undefined) return { cmr: { keep: p.value, until: undefined }, cmrSpan };
  const end = readUntil(until, checking);
  return end && { cmr: { keep: p.value, until: end.sparsity }, cmrSpan };
}

/** `sparsity(90%)`: a schedule of another schedule. */
function readUntil(value: Expression, checking: Checking): { readonly sparsity: number } | undefined {
  const reached = { name: 'until', expects: 'a sparsity', example: 'sparsity(90%)', words: ['sparsity'] };
  const { call } = readWorded(value, reached, checking) ?? {};
  const schema = { sparsity: percent('the sparsity reached') };
  return call && readArguments(call, schema, checking.constants, checking.report)?.values;
}
