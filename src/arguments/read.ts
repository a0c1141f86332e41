/** Reads the arguments of a call by a schema; every mistake becomes one diagnostic at its own place. */
import { type Diagnostic, type Report, withFix } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { listed, listedWords } from '../support/listed.js';
import { closest, type Suggestion, suggestion } from '../support/suggest.js';
import type { Argument, Call, Expression, ExpressionKind } from '../syntax/ast.js';
import { argumentError } from './messages.js';
import type { Parameter, Schema, ValuesOf } from './schema.js';

/** The program's `let` constants. */
export type Constants = ReadonlyMap<string, Expression>;

export interface Arguments<S extends Schema> {
  readonly values: ValuesOf<S>;
  /** Where an argument's value stands; the whole call when it was left out. */
  readonly at: (name: keyof S & string) => Span;
  readonly given: (name: keyof S & string) => boolean;
}

const described: { readonly [K in ExpressionKind]: string } = {
  name: 'the word',
  number: 'the number',
  ratio: 'the ratio',
  percent: 'the percent',
  shape: 'the shape',
  factor: 'the factor',
  size: 'the size',
  time: 'the time',
  clock: 'the clock rate',
  period: 'the span of training',
  boolean: 'the truth value',
  string: 'the string',
  list: 'the list',
  call: 'the call',
};

/** Characters of an expression that an error repeats. */
const longestShown = 40;

/** "the percent 96%": an expression in the words of an error. */
export function describe(e: Expression): string {
  const source = e.span.source.text.slice(e.span.start, e.span.end).replace(/\s+/g, ' ');
  const shown = source.length > longestShown ? `${source.slice(0, longestShown - 3)}...` : source;
  // The text is the name of the constant, the value what stands behind its `let`.
  const constant = e.kind !== 'name' && e.kind !== 'boolean' && /^[A-Za-z_]\w*$/.test(source);
  if (constant) return `the constant \`${shown}\`, ${described[e.kind].replace('the', 'a')}`;
  return `${described[e.kind]} ${e.kind === 'call' || e.kind === 'list' ? `\`${shown}\`` : shown}`;
}

/** A name that is a `let` constant becomes the constant; its span stays where it was used. */
export function resolve(e: Expression, constants: Constants): Expression {
  if (e.kind === 'name') {
    const constant = constants.get(e.text);
    return constant === undefined ? e : ({ ...constant, span: e.span } as Expression);
  }
  if (e.kind === 'list') return { ...e, items: e.items.map((item) => resolve(item, constants)) };
  return e;
}

interface Reading {
  readonly callee: string;
  readonly schema: Schema;
  readonly constants: Constants;
  readonly report: Report;
}

function place(call: Call, { callee, schema, report }: Reading): Map<string, Argument> {
  const placed = new Map<string, Argument>();
  const names = Object.keys(schema);
  const positional = names.filter((n) => schema[n]!.named !== true);
  let position = 0;
  for (const argument of call.args) {
    const name = argument.name === undefined ? positional[position++] : argument.name.text;
    if (name === undefined) {
      const found = call.args.filter((a) => a.name === undefined).length;
      report(
        argumentError('too-many', argument.span, {
          callee,
          most: positional.length,
          found,
          names: listed(names) || 'none',
        }),
      );
      break;
    }
    if (schema[name] === undefined) {
      report(
        argumentError('unknown', argument.name?.span ?? argument.span, {
          callee,
          name,
          suggestion: suggestion(name, names),
        }),
      );
    } else if (placed.has(name)) {
      report(
        argumentError('twice', argument.span, { name }, [
          { message: 'first given here', span: placed.get(name)!.span },
        ]),
      );
    } else placed.set(name, argument);
  }
  return placed;
}

/** Reads one value; reports and returns undefined when it does not fit. */
export function readValue<T>(
  name: string,
  parameter: Parameter<T>,
  e: Expression,
  reading: Pick<Reading, 'constants' | 'report'>,
): { readonly value: T } | undefined {
  const resolved = resolve(e, reading.constants);
  const value = parameter.read(resolved);
  if (value !== undefined) return { value };
  reading.report(misfit(name, parameter, resolved, reading.constants));
  return undefined;
}

/** Why an expression is not a value of the parameter. */
function misfit(name: string, parameter: Parameter<unknown>, e: Expression, constants: Constants): Diagnostic {
  const { expects, words } = parameter;
  const wrong = e.kind === 'list' && words !== undefined && e.items.find((item) => parameter.read(item) === undefined);
  if (wrong) return misfit(name, parameter, wrong, constants);
  if (e.kind === 'name' && words !== undefined)
    return argumentError('unknown-word', e.span, { name, word: e.text, suggestion: suggestion(e.text, words) });
  if (e.kind === 'name') {
    const near = suggestConstant(e.text, parameter, constants);
    return argumentError('unknown-name', e.span, { name: e.text, suggestion: near });
  }
  const fill = { name, expects, found: describe(e) };
  return (
    numberForPercent(name, expects, e) ?? argumentError('type', e.span, { ...fill, hint: typeHint(name, parameter, e) })
  );
}

/** A number where a percent is expected: `0.5` and `50` are 50%. Undefined for anything else. */
export function numberForPercent(name: string, expects: string, e: Expression): Diagnostic | undefined {
  if (e.kind !== 'number' || !expects.startsWith('a percent')) return undefined;
  if (e.value <= 0 || e.value >= 100 || e.value === 1) return undefined;
  const percent = e.value < 1 ? Number((e.value * 100).toFixed(10)) : e.value;
  const fill = { name, expects, found: describe(e), percent };
  return withFix(argumentError('number-for-percent', e.span, fill), `${percent}%`);
}

/** A value that would fit, as it is written. */
function typeHint(name: string, { expects, example, words }: Parameter<unknown>, e: Expression): string {
  if (words !== undefined) return `use one of ${listedWords(words)}`;
  if (e.kind === 'number' && e.value > 0 && expects.startsWith('a span of training')) {
    const plural = e.value === 1 ? '' : 's';
    return `write \`${name} = ${e.value} epoch${plural}\` or \`${name} = ${e.value} step${plural}\``;
  }
  if (e.kind === 'period' && expects.startsWith('an integer') && Number.isInteger(e.value))
    return `write \`${name} = ${e.value}\``;
  const inWords = /such as `([^`]+)`|such as (\[[^\]]*\]|\S+?)(?:,|$)/.exec(expects);
  return `write \`${name} = ${example ?? inWords?.[1] ?? inWords?.[2] ?? '...'}\`, for instance`;
}

function suggestConstant(name: string, parameter: Parameter<unknown>, constants: Constants): string | Suggestion {
  if (constants.size > 0) return suggestion(name, [...constants.keys()]);
  return `write ${parameter.expects} here, or define \`let ${name} = ...\` above`;
}

/** Whether an unknown argument is `name` misspelt: then it is reported as that, not also as missing. */
const misspells = (call: Call, name: string, schema: Schema): boolean =>
  call.args.some(
    (a) =>
      a.name !== undefined && schema[a.name.text] === undefined && closest(a.name.text, Object.keys(schema)) === name,
  );

/** Filled while `schemasOf` runs: nobody else asks, and a program has thousands of calls. */
let recorded: Map<Span, Schema> | undefined;

/** By the place of a callee, or of the word of a block: the schema it is read by while `run` lasts. */
export function schemasOf(run: () => void): ReadonlyMap<Span, Schema> {
  const found = new Map<Span, Schema>();
  recorded = found;
  try {
    run();
  } finally {
    recorded = undefined;
  }
  return found;
}

/** What could be read of a call, whatever else in it is wrong. */
export interface Readings<S extends Schema> {
  /** Undefined where an argument is missing or wrong. */
  readonly values: Partial<ValuesOf<S>>;
  readonly at: (name: keyof S & string) => Span;
  readonly given: (name: keyof S & string) => boolean;
  /** An error was reported. */
  readonly failed: boolean;
}

/** Undefined when an error was reported. */
export function readArguments<const S extends Schema>(
  call: Call,
  schema: S,
  constants: Constants,
  report: Report,
): Arguments<S> | undefined {
  const { failed, values, at, given } = readEach(call, schema, constants, report);
  return failed ? undefined : { values: values as ValuesOf<S>, at, given };
}

/** Every argument by itself, for callers that go on with those that are right. */
export function readEach<const S extends Schema>(
  call: Call,
  schema: S,
  constants: Constants,
  report: Report,
): Readings<S> {
  recorded?.set(call.callee.span, schema);
  const callee = `\`${call.callee.text}\``;
  let failed = false;
  const note: Report = (d) => {
    failed = true;
    report(d);
  };
  const reading: Reading = { callee, schema, constants, report: note };
  const placed = place(call, reading);
  // An argument that has no place is often the one that seems to be missing.
  const misplaced = failed;
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(schema)) {
    const argument = placed.get(name);
    if (argument !== undefined) values[name] = readValue(name, parameter, argument.value, reading)?.value;
    else if (parameter.fallback !== undefined) values[name] = parameter.fallback.value;
    else if (misplaced || misspells(call, name, schema)) failed = true;
    else note(argumentError('missing', call.span, { callee, name, doc: parameter.doc, expects: parameter.expects }));
  }
  return {
    failed,
    values: values as Partial<ValuesOf<S>>,
    at: (name) => placed.get(name)?.value.span ?? call.span,
    given: (name) => placed.has(name),
  };
}
