/** Checks `emit` blocks: the target, and the settings it takes. A size is held against `budget` when it is known. */
import { refuseLater } from '../arguments/later.js';
import {
  expression,
  optional,
  type Parameter,
  positiveInteger,
  type Schema,
  someWords,
  type ValuesOf,
  withDefault,
  word,
} from '../arguments/schema.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { hasDots, isNarrow } from '../kernels/cores.js';
import { defined } from '../support/assert.js';
import { listedWords } from '../support/listed.js';
import { suggestion } from '../support/suggest.js';
import type { Block, Expression, Name, Setting } from '../syntax/ast.js';
import { float32, formatWords, type NumberFormat } from '../tensor/number-format.js';
import { type Checking, callOf, readWholeSettings, settingsOf } from './checking.js';
import { formatsOf, inArithmetic, isFormatWord, readEmittedFormat } from './formats.js';
import { integerProducts } from './integers.js';
import { clockRate, readLimits } from './limits.js';
import { emitError } from './messages.js';
import type { Emit, EmitTarget, Layer, Model } from './model.js';

const targets: readonly EmitTarget[] = ['neon', 'c', 'tfjs', 'onnx'];
const laterTargets = ['torch'];

/** Cores of the NEON target: AArch64, then ARMv7. */
export const neonCores = [
  'cortex-a53',
  'cortex-a55',
  'cortex-a57',
  'cortex-a72',
  'cortex-a73',
  'cortex-a76',
  'cortex-a7',
  'cortex-a9',
  'cortex-a15',
] as const;

/** A word of C: bare, or in quotes. */
const identifier: Parameter<string> = {
  doc: 'prefix of C symbols',
  expects: 'a C identifier such as `ptb`',
  read: (e) => (e.kind === 'name' ? e.text : e.kind === 'string' ? e.value : undefined),
};

const common = {
  weights: optional(expression('number format of the weights')),
  max_steps: optional(positiveInteger('longest sequence')),
} satisfies Schema;
const cSettings = {
  ...common,
  arithmetic: withDefault(
    word('what products with integer weights are computed in', ['float32', 'integer']),
    'float32',
  ),
  vectors: withDefault(
    word('where vectors of integer products have their scales from', ['dynamic', 'calibrated']),
    'dynamic',
  ),
  activation: withDefault(word('accuracy of tanh and sigmoid', ['exact', 'std', 'fast']), 'std'),
  prefix: optional(identifier),
  vocab: withDefault(word('where the words are stored', ['c', 'file', 'none']), 'file'),
  budget: optional(expression('bytes of the whole model, time of one step, or a list of both')),
} satisfies Schema;
const neonSettings = {
  cpu: withDefault(
    someWords('the core the code is tuned for, or several of one kind: `[cortex-a53, cortex-a76]`', neonCores),
    ['cortex-a73'],
  ),
  ...cSettings,
  clock: optional(clockRate),
} satisfies Schema;

/** By the word of the target. */
export const emitSchemas: Readonly<Record<EmitTarget, Schema>> = {
  neon: neonSettings,
  c: cSettings,
  tfjs: common,
  onnx: common,
};

/** Undefined when an error was reported. */
export function checkEmit(block: Block, modelName: string, checking: Checking): Emit | undefined {
  const target = readTarget(block, checking);
  if (target === undefined) return undefined;
  const { report } = checking;
  const settings = settingsOf(block).filter((s) => s.selector === undefined);
  const span = block.wordSpan;
  const callee: Name = { kind: 'name', text: `emit ${target}`, span };
  if (target === 'tfjs' || target === 'onnx') {
    const args = readWholeSettings(callee, settings, common, checking);
    return args && graphEmit({ target, prefix: modelName, budgetSpan: span, span }, args.values, checking);
  }
  const schema = target === 'neon' ? neonSettings : cSettings;
  const args = readWholeSettings(callee, settings, schema, checking);
  if (args === undefined) return undefined;
  const { activation, arithmetic, vectors, prefix = modelName, vocab, budget, max_steps: maxSteps } = args.values;
  const written = 'cpu' in args.values ? (args.values.cpu as readonly string[]) : undefined;
  const cores = written === undefined ? { cpu: 'any' } : readCores(written, settingSpan(settings, 'cpu', span), report);
  if (cores === undefined) return undefined;
  const clock = 'clock' in args.values ? (args.values.clock as number | undefined) : undefined;
  const at = (name: string): Span => settingSpan(settings, name, span);
  const unsure = !knowsSettings(block, checking);
  const limits = readLimits({ budget, clock, target, cores, at, unsure }, checking);
  const weights = readWeights(args.values.weights, checking);
  if (weights === undefined || limits === undefined) return undefined;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(prefix)) {
    report(emitError('bad-prefix', args.at('prefix'), { found: `"${prefix}"` }));
    return undefined;
  }
  const facts = {
    ...cores,
    weights: inArithmetic(weights, arithmetic),
    arithmetic,
    ...(vectors === 'calibrated' ? { calibrated: true as const } : {}),
    activation,
    prefix,
    vocabulary: vocab,
    ...limits,
  };
  return { target, ...facts, ...(maxSteps === undefined ? {} : { maxSteps }), span };
}

/** Whether every setting of the block is read: what seems to be missing may be one that is misspelt. */
export function knowsSettings(block: Block, { broken }: Pick<Checking, 'broken'>): boolean {
  if (broken?.has('emit') === true) return false;
  const target = targets.find((word) => word === block.name?.text);
  return settingsOf(block).every(({ name }) => target !== undefined && Object.hasOwn(emitSchemas[target], name.text));
}

/** One source runs on all of them: built for one without products of dots, if any of them has none. */
function readCores(cores: readonly string[], at: Span, report: Report): Pick<Emit, 'cpu' | 'cpus'> | undefined {
  const twice = cores.find((core, i) => cores.indexOf(core) !== i);
  if (twice !== undefined) {
    report(emitError('core-twice', at, { core: twice }));
    return undefined;
  }
  const narrow = cores.filter(isNarrow);
  const wide = cores.filter((core) => !isNarrow(core));
  if (narrow.length > 0 && wide.length > 0) {
    report(emitError('mixed-cores', at, { narrow: listedWords(narrow), wide: listedWords(wide) }));
    return undefined;
  }
  const cpu = cores.find((core) => !hasDots(core)) ?? defined(cores[0], 'a core');
  return cores.length === 1 ? { cpu } : { cpu, cpus: cores };
}

const settingSpan = (settings: readonly Setting[], name: string, block: Span): Span =>
  settings.find((setting) => setting.name.text === name)?.value.span ?? block;

/** C keeps room for the longest sequence where a direction starts at the end. */
export function checkLengths(emits: readonly Emit[], layers: readonly Layer[], { report }: Checking): void {
  const backward = layers.find(({ shape }) => shape.direction === 'backward');
  if (backward === undefined) return;
  for (const { target, maxSteps, span } of emits)
    if (maxSteps === undefined && (target === 'c' || target === 'neon'))
      report(emitError('no-length', span, { target, layer: backward.name }));
}

/** Products of integers need weights that are: a block that asks for them in vain is wrong. */
export function checkArithmetic(
  model: Pick<Model, 'layers' | 'weights'>,
  emits: readonly Emit[],
  report: Report,
): void {
  for (const { target, arithmetic, calibrated, weights, span } of emits) {
    if (arithmetic === 'float32' && calibrated) report(emitError('vectors-of-floats', span, { target }));
    if (arithmetic === 'float32') continue;
    const formats = formatsOf(model, weights, arithmetic);
    const units = model.layers.flatMap((layer) => layer.units);
    if (units.every((unit) => integerProducts(unit, formats) === 'none'))
      report(emitError('no-integers', span, { target }));
  }
}

/** The block of a target that is a graph. */
function graphEmit(
  facts: Pick<Emit, 'target' | 'prefix' | 'budgetSpan' | 'span'>,
  { weights, max_steps: maxSteps }: ValuesOf<typeof common>,
  checking: Checking,
): Emit | undefined {
  const format = readWeights(weights, checking);
  if (format === undefined) return undefined;
  const plain = {
    cpu: 'any',
    arithmetic: 'float32',
    activation: 'exact',
    vocabulary: 'file',
    budget: undefined,
  } as const;
  return { ...facts, weights: format, ...plain, ...(maxSteps === undefined ? {} : { maxSteps }) };
}

function readTarget(block: Block, { report }: Checking): EmitTarget | undefined {
  const name = defined(block.name, 'the name that the grammar wants behind `emit`');
  const found = targets.find((t) => t === name.text);
  if (found !== undefined) return found;
  const instead = `use one of ${listedWords(targets)}`;
  if (laterTargets.includes(name.text)) return refuseLater(`the target \`${name.text}\``, instead, name.span, report);
  report(emitError('unknown-target', name.span, { word: name.text, suggestion: suggestion(name.text, targets) }));
  return undefined;
}

/** Undefined when an error was reported. */
function readWeights(value: Expression | undefined, checking: Checking): NumberFormat | undefined {
  if (value === undefined) return float32;
  const call = callOf(value, checking.constants);
  if (call !== undefined && isFormatWord(call.callee.text)) return readEmittedFormat(call, checking);
  const found = call === undefined ? `a ${value.kind}` : `\`${call.callee.text}\``;
  const near = call === undefined ? 'use `float32`' : suggestion(call.callee.text, formatWords);
  checking.report(emitError('weights', value.span, { found, suggestion: near }));
  return undefined;
}
