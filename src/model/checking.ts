/** What every check of the program has at hand, and small readings that several of them share. */
import { type Arguments, type Constants, type Readings, readEach, resolve } from '../arguments/read.js';
import { optional, type Schema, type ValuesOf } from '../arguments/schema.js';
import type { Report } from '../diagnostics/diagnostic.js';
import { closest, suggestion } from '../support/suggest.js';
import type { Argument, Block, BlockWord, Call, Expression, Name, Program, Setting } from '../syntax/ast.js';
import type { NumberFormat } from '../tensor/number-format.js';
import { modelError } from './messages.js';
import type { Arithmetic } from './model.js';

/** Blocks of which statements could not be read; `items` where a whole block may be missing. */
export type Broken = ReadonlySet<BlockWord | 'items'>;

export interface Checking {
  readonly constants: Constants;
  readonly report: Report;
  /** Number format of weights whose rule names none, in the first C program; float32 when left out. */
  readonly weights?: NumberFormat;
  /** What that program computes products with integer weights in; float32 when left out. */
  readonly arithmetic?: Arithmetic;
  /** None when left out. */
  readonly broken?: Broken;
}

/** Passes each distinct diagnostic on once, and remembers whether one was an error. */
export class OnceReport {
  failed = false;
  readonly #seen = new Set<string>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  readonly report: Report = (diagnostic) => {
    const { code, span, message, severity } = diagnostic;
    // One warning of a kind at one place: a rule that selects many weights is warned of once.
    const said = severity === 'warning' ? '' : message;
    const key = [code, span.source.path, span.start, span.end, said].join('\n');
    if (severity === 'error') this.failed = true;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#report(diagnostic);
  };
}

/** The program's `let` constants; a constant may name an earlier one. */
export function readConstants(program: Program): Constants {
  const constants = new Map<string, Expression>();
  for (const item of program.items) {
    if (item.kind === 'let' && !constants.has(item.name.text))
      constants.set(item.name.text, resolve(item.value, constants));
  }
  return constants;
}

/** The settings of a block; the grammar lets no rule in there. */
export const settingsOf = (block: Block): readonly Setting[] =>
  block.statements.filter((statement) => statement.kind === 'setting');

/**
 * The settings of a block, read by a schema. One that is misspelt is not also missing, and nothing is missing where
 * settings could not be read.
 */
export function readSettings<const S extends Schema>(
  callee: Name,
  settings: readonly Setting[],
  schema: S,
  { report, constants, broken }: Checking,
): Readings<S> {
  const known = Object.keys(schema);
  const unknown = settings.map(({ name }) => name.text).filter((name) => !known.includes(name));
  const torn = broken?.has(callee.text.split(' ')[0] as BlockWord) === true || unknown.includes('');
  const misspelt = new Set(unknown.map((name) => closest(name, known)));
  const required = known.filter((name) => schema[name]!.fallback === undefined);
  const excused = required.filter((name) => torn || misspelt.has(name));
  const lenient = Object.fromEntries(
    Object.entries(schema).map(([name, p]) => [name, excused.includes(name) ? optional(p) : p]),
  ) as unknown as S;
  const read = readEach(asCall(callee, settings, schema, report), lenient, constants, report);
  return { ...read, failed: read.failed || excused.some((name) => !read.given(name)) };
}

/** The same, undefined when an error was reported. */
export function readWholeSettings<const S extends Schema>(
  callee: Name,
  settings: readonly Setting[],
  schema: S,
  checking: Checking,
): Arguments<S> | undefined {
  const { failed, values, at, given } = readSettings(callee, settings, schema, checking);
  return failed ? undefined : { values: values as ValuesOf<S>, at, given };
}

/** The settings that a schema knows as a call, so that a block is read as a call is; others are reported. */
function asCall(callee: Name, settings: readonly Setting[], schema: Schema, report: Report): Call {
  const known = Object.keys(schema);
  const args = settings.flatMap(({ name, value, span, selector }): Argument[] => {
    if (!known.includes(name.text)) {
      const fill = { block: `\`${callee.text}\``, name: name.text, suggestion: suggestion(name.text, known) };
      report(modelError('unknown-setting', name.span, fill));
    } else if (selector !== undefined) {
      report(modelError('unexpected-selector', selector.span, { name: name.text }));
    } else return [{ kind: 'argument', name, value, span }];
    return [];
  });
  return { kind: 'call', callee, args, span: callee.span };
}

/** A value that is a call, or a bare word as a call without arguments; undefined for anything else. */
export function callOf(value: Expression, constants: Constants): Call | undefined {
  const resolved = resolve(value, constants);
  if (resolved.kind === 'call') return resolved;
  return resolved.kind === 'name' ? { kind: 'call', callee: resolved, args: [], span: resolved.span } : undefined;
}
