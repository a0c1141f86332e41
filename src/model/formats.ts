/**
 * Number formats as a program writes them: `int8(per=row)` behind `then`, alone as a rule, or as `weights` of an
 * `emit` block; and the format that every tensor ends up in. Changes no value.
 */
import { readArguments } from '../arguments/read.js';
import { named, type Parameter, type Schema, withDefault, word, yesNo } from '../arguments/schema.js';
import type { MethodUse, Weight } from '../methods/method.js';
import type { Call, Expression } from '../syntax/ast.js';
import {
  type FloatWord,
  float32,
  formatWords,
  type IntegerWord,
  integerFormats,
  isFloat32,
  type NumberFormat,
  type Per,
} from '../tensor/number-format.js';
import type { Checking } from './checking.js';
import { formatError } from './format-messages.js';
import { type Arithmetic, type Model, tensorPath, type WeightFormat } from './model.js';

const knownFormats: ReadonlySet<string> = new Set(formatWords);
export const isFormatWord = (word: string): boolean => knownFormats.has(word);
const isInteger = (word: string): word is IntegerWord => Object.hasOwn(integerFormats, word);

/** `tensor`, `row` or `group(n)`. */
const per: Parameter<Per> = {
  doc: 'which values share a scale',
  expects: '`tensor`, `row`, or `group(n)` with a whole n of at least 1',
  words: ['tensor', 'row', 'group(n)'],
  read: (e) => {
    if (e.kind === 'name') return e.text === 'tensor' || e.text === 'row' ? { kind: e.text } : undefined;
    const values = e.kind === 'call' && e.callee.text === 'group' ? groupSize(e) : undefined;
    return values === undefined ? undefined : { kind: 'group', values };
  },
};

function groupSize({ args }: Call): number | undefined {
  const value: Expression | undefined = args[0]?.value;
  if (args.length !== 1 || args[0]?.name !== undefined || value?.kind !== 'number') return undefined;
  return value.integer && value.value >= 1 ? value.value : undefined;
}

const perRow = named(withDefault(per, { kind: 'row' } as const));
const emitted = { per: perRow } satisfies Schema;
const trainable = {
  per: perRow,
  train: named(withDefault(yesNo('train on the values of the grid, straight-through'), true)),
  scales: named(
    withDefault(word('from the values at every step, or trained beside them', ['calibrated', 'learned']), 'calibrated'),
  ),
} satisfies Schema;

/** A format whose products are computed in an arithmetic; floats know only one. */
export function inArithmetic(format: NumberFormat, arithmetic: Arithmetic): NumberFormat {
  if (format.kind === 'float') return format;
  const { arithmetic: _, ...stored } = format;
  return { ...stored, ...(arithmetic === 'integer' ? { arithmetic } : {}) };
}

/** By the word of the format, as a rule says it. */
export const formatSchemas: Readonly<Record<string, Schema>> = Object.fromEntries(
  formatWords.map((word) => [word, isInteger(word) ? trainable : {}]),
);

/** A format of a rule; undefined when an error was reported. */
export function readWeightFormat(
  call: Call,
  { constants, report, arithmetic = 'float32' }: Checking,
): WeightFormat | undefined {
  const word = call.callee.text;
  if (!isInteger(word)) {
    const args = readArguments(call, {}, constants, report);
    return args && { format: { kind: 'float', word: word as FloatWord }, trained: false };
  }
  const args = readArguments(call, trainable, constants, report);
  if (args === undefined) return undefined;
  const { per, train, scales } = args.values;
  if (scales === 'learned' && !train) {
    report(formatError('learned-untrained', args.at('scales'), { format: `\`${word}\`` }));
    return undefined;
  }
  const learned = scales === 'learned' ? { scales } : {};
  return { format: inArithmetic({ kind: 'integer', word, per, ...learned }, arithmetic), trained: train };
}

/** The format of what is emitted, rounded after training; undefined when an error was reported. */
export function readEmittedFormat(call: Call, { constants, report }: Checking): NumberFormat | undefined {
  const word = call.callee.text;
  if (!isInteger(word)) {
    const args = readArguments(call, {}, constants, report);
    return args && { kind: 'float', word: word as FloatWord };
  }
  const args = readArguments(call, emitted, constants, report);
  return args && { kind: 'integer', word, per: args.values.per };
}

/** A use of a method whose weights cost what their values take in a format. */
export const formattedUse = (use: MethodUse, format: NumberFormat): MethodUse => ({
  ...use,
  bind: (...request) => inFormat(use.bind(...request), format),
  dial:
    use.dial &&
    ((...request) => {
      const dial = use.dial?.(...request);
      return dial && { ...dial, at: (setting) => inFormat(dial.at(setting), format) };
    }),
});

/** A weight whose values are in a format. */
export const inFormat = <W extends Weight | undefined>(weight: W, format: NumberFormat): W =>
  weight === undefined || isFloat32(format) ? weight : { ...weight, format };

/** Format of every tensor by its path: that of its rule, else what the `emit` block says, float32 for biases. */
export function formatsOf(
  model: Pick<Model, 'layers' | 'weights'>,
  emits: NumberFormat = model.weights ?? float32,
  arithmetic: Arithmetic = 'float32',
): (path: string) => NumberFormat {
  const formats = new Map<string, NumberFormat>();
  for (const layer of model.layers) {
    for (const { path, weight, format } of layer.units)
      for (const name of Object.keys(weight.tensors))
        formats.set(tensorPath(path, name), inArithmetic(format?.format ?? emits, arithmetic));
  }
  return (path) => formats.get(path) ?? float32;
}
