/** Reads `data = loader(...)`, and checks that the model takes what the loader feeds and labels. */
import { refuseLater } from '../arguments/later.js';
import { readArguments, resolve } from '../arguments/read.js';
import {
  named,
  type Parameter,
  positiveInteger,
  type Schema,
  text,
  withDefault,
  word,
  yesNo,
} from '../arguments/schema.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { listedWords } from '../support/listed.js';
import { suggestion } from '../support/suggest.js';
import { count } from '../support/units.js';
import type { Call, Expression } from '../syntax/ast.js';
import { type Checking, callOf } from './checking.js';
import type { DefinedLayer, Definitions } from './definitions.js';
import { type ExampleLoader, type Loader, readsExamples } from './model.js';
import { trainError } from './train-messages.js';

export const laterLoaders: readonly string[] = ['pairs'];

const counted = (doc: string, value: number): Parameter<number> => named(withDefault(positiveInteger(doc), value));

const textSchema = {
  dir: text('folder that holds the splits'),
  batch: counted('streams read side by side', 20),
  unroll: counted('steps between two updates', 35),
  unit: named(withDefault(word('what a token is', ['word', 'char', 'byte']), 'word')),
  lower: named(withDefault(yesNo('upper case becomes lower case'), false)),
};
const generatedSchema = {
  order: counted('words that decide the next one', 2),
  vocab: counted('different words', 50),
  tokens: counted('words of the train split', 200_000),
  batch: counted('streams read side by side', 20),
  unroll: counted('steps between two updates', 20),
};
const exampleSchema = {
  dir: text('folder that holds the splits'),
  batch: counted('examples side by side', 16),
  max_steps: counted('longest sequence there may be', 100),
  buckets: counted('lengths that sequences are padded to', 4),
  lower: named(withDefault(yesNo('upper case becomes lower case'), false)),
};

/** By the word of the loader, for the reference of the language. */
export const loaderSchemas: Readonly<Record<string, Schema>> = {
  text: textSchema,
  generated: generatedSchema,
  tagged: exampleSchema,
  classified: exampleSchema,
};

/** Undefined when an error was reported. */
export function readLoader(value: Expression, checking: Checking): Loader | undefined {
  const { constants, report } = checking;
  const call = callOf(value, constants);
  const known = ['text', 'tagged', 'classified', 'generated'];
  const instead = `use one of ${listedWords(known)}`;
  if (call === undefined) {
    const expects = `a loader, ${instead.replace('use ', '')}`;
    const found = value.kind === 'string' ? `the string "${value.value}"` : resolve(value, constants).kind;
    const example = value.kind === 'string' ? `text("${value.value}")` : 'text("folder", batch=20, unroll=35)';
    report(trainError('not-a-call', value.span, { name: 'data', expects, found, example }));
    return undefined;
  }
  const { callee } = call;
  if (callee.text === 'text') return readText(call, checking);
  if (callee.text === 'tagged' || callee.text === 'classified') return readExamples(callee.text, call, checking);
  if (callee.text === 'generated') {
    const { values } = readArguments(call, generatedSchema, constants, report) ?? {};
    if (values === undefined) return undefined;
    const { vocab, ...rest } = values;
    return { kind: 'generated', vocabulary: vocab, ...rest };
  }
  if (laterLoaders.includes(callee.text))
    return refuseLater(`the loader \`${callee.text}\``, instead, callee.span, report);
  const fill = { name: '`data`', word: callee.text, suggestion: suggestion(callee.text, known) };
  report(trainError('unknown-word', callee.span, fill));
  return undefined;
}

function readText(call: Call, { constants, report }: Checking): Loader | undefined {
  const { values } = readArguments(call, textSchema, constants, report) ?? {};
  if (values === undefined) return undefined;
  const { dir, ...rest } = values;
  return { kind: 'text', directory: dir, ...rest };
}

function readExamples(
  kind: ExampleLoader['kind'],
  call: Call,
  { constants, report }: Checking,
): ExampleLoader | undefined {
  const { values } = readArguments(call, exampleSchema, constants, report) ?? {};
  if (values === undefined) return undefined;
  const { dir, max_steps: maxSteps, ...rest } = values;
  return { kind, directory: dir, maxSteps, ...rest };
}

/** What a loader labels: every step, or the whole sequence. */
const labelled = (loader: Loader) =>
  loader.kind === 'classified'
    ? { perStep: false, what: 'one `softmax` per sequence', other: 'at each step' }
    : { perStep: true, what: 'one `softmax` per step', other: 'once per sequence' };

/** A backward direction has read the token that comes next, which a stream is labelled with. */
function refuseForesight(loader: Loader, softmax: string, layers: readonly DefinedLayer[], report: Report): void {
  const backward = layers.find(({ shape }) => shape.direction === 'backward');
  if (backward === undefined) return;
  const fill = { loader: loader.kind, softmax, layer: backward.definition };
  report(trainError('sees-the-answer', backward.span, fill));
}

/** The data feeds the one `ids` input and labels the one softmax: with the next token, or with the file's labels. */
export function checkFeeds(loader: Loader, at: Span, { layers, outputs }: Definitions, { report }: Checking): void {
  const inputs = layers.filter((l) => l.shape.feeds !== undefined);
  const input = inputs[0];
  if (inputs.length !== 1 || input?.shape.signal.kind !== 'ids') {
    const found = input === undefined ? 'none' : defined(inputs);
    report(trainError('no-input', at, { loader: loader.kind, found }));
    return;
  }
  const { vocabulary } = input.shape.signal;
  const classifiers = layers.filter((l) => outputs.includes(l.name) && l.shape.classifies === true);
  const softmax = classifiers[0];
  const { perStep, what, other } = labelled(loader);
  const fits = softmax?.shape.signal.kind === 'vector' && softmax.shape.signal.perStep === perStep;
  if (softmax === undefined || classifiers.length !== 1 || !fits) {
    const one = softmax !== undefined && classifiers.length === 1;
    const found = one ? `\`${softmax.name}\` ${other}` : defined(classifiers);
    const hint = readsExamples(loader)
      ? exampleHint(perStep)
      : `end the model with one \`next = softmax(..., ${vocabulary})\``;
    report(trainError('no-softmax', at, { loader: loader.kind, what, found, hint }));
    return;
  }
  // How many labels there are only the data knows.
  if (readsExamples(loader) || softmax.shape.signal.kind !== 'vector') return;
  refuseForesight(loader, softmax.name, layers, report);
  const classes = softmax.shape.signal.width;
  const mismatch = (what: string, found: string, span: Span): void =>
    report(trainError('vocabulary', span, { what, found, input: input.name, vocabulary: count(vocabulary) }));
  const alone = loader.kind === 'generated' && loader.vocabulary === classes && classes !== vocabulary;
  if (alone) {
    const fill = { input: input.name, found: count(vocabulary), wanted: count(classes), vocab: classes };
    report(trainError('vocabulary-of-input', input.span, fill));
    return;
  }
  if (classes !== vocabulary) mismatch(`the softmax \`${softmax.name}\``, `${count(classes)} classes`, softmax.span);
  if (loader.kind === 'generated' && loader.vocabulary !== vocabulary)
    mismatch('the source `generated`', `${count(loader.vocabulary)} words`, at);
}

const exampleHint = (perStep: boolean): string =>
  perStep
    ? 'end the model with one `tags = softmax(..., labels)` in front of `last` or `max_over_time`'
    : 'end the model with one `class = softmax(..., labels)` behind `last` or `max_over_time`';

const defined = (layers: readonly DefinedLayer[]): string =>
  layers.length === 0 ? 'none' : listedWords(layers.map((l) => `${l.name} = ${l.kind}`));
