/** Reads `data = loader(...)`, and checks that the model takes what the loader feeds and labels. */
import { refuseLater } from '../arguments/later.js';
import { readArguments, resolve } from '../arguments/read.js';
import { named, type Parameter, positiveInteger, text, withDefault, word, yesNo } from '../arguments/schema.js';
import type { Span } from '../diagnostics/source.js';
import { suggestion } from '../support/suggest.js';
import { count } from '../support/units.js';
import type { Call, Expression } from '../syntax/ast.js';
import { type Checking, callOf } from './checking.js';
import type { DefinedLayer, Definitions } from './definitions.js';
import { trainError } from './messages.js';
import type { Loader } from './model.js';

const laterLoaders = ['tagged', 'classified', 'pairs'];

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

/** Undefined when an error was reported. */
export function readLoader(value: Expression, checking: Checking): Loader | undefined {
  const { constants, report } = checking;
  const call = callOf(value, constants);
  const known = ['text', 'generated'];
  const instead = `use one of ${known.map((k) => `\`${k}\``).join(', ')}`;
  if (call === undefined) {
    const expects = `a loader, ${instead.replace('use ', '')}`;
    const found = value.kind === 'string' ? `the string "${value.value}"` : resolve(value, constants).kind;
    const example = value.kind === 'string' ? `text("${value.value}")` : 'text("folder", batch=20, unroll=35)';
    report(trainError('not-a-call', value.span, { name: 'data', expects, found, example }));
    return undefined;
  }
  const { callee } = call;
  if (callee.text === 'text') return readText(call, checking);
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

/** A stream of tokens feeds the one `ids` input and labels the one softmax per step with the next token. */
export function checkFeeds(loader: Loader, at: Span, { layers, outputs }: Definitions, { report }: Checking): void {
  const inputs = layers.filter((l) => l.shape.feeds !== undefined);
  const input = inputs[0];
  const [first] = inputs;
  if (inputs.length !== 1 || input?.shape.signal.kind !== 'ids') {
    const found = first === undefined ? 'none' : listed(inputs);
    report(trainError('no-input', at, { loader: loader.kind, found }));
    return;
  }
  const { vocabulary } = input.shape.signal;
  const classifiers = layers.filter((l) => outputs.includes(l.name) && l.shape.classifies === true);
  const softmax = classifiers[0];
  const perStep = softmax?.shape.signal.kind === 'vector' && softmax.shape.signal.perStep;
  if (softmax === undefined || classifiers.length !== 1 || !perStep) {
    const once = softmax !== undefined && classifiers.length === 1;
    const found = once ? `\`${softmax.name}\` once per sequence` : listed(classifiers);
    report(trainError('no-softmax', at, { loader: loader.kind, found, vocabulary }));
    return;
  }
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

const listed = (layers: readonly DefinedLayer[]): string =>
  layers.length === 0 ? 'none' : layers.map((l) => `\`${l.name} = ${l.kind}\``).join(', ');
