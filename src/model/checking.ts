/** What every check of the program has at hand, and small readings that several of them share. */
import { type Constants, resolve } from '../arguments/read.js';
import type { Schema } from '../arguments/schema.js';
import type { Report } from '../diagnostics/diagnostic.js';
import { suggestion } from '../support/suggest.js';
import type { Argument, Block, Call, Expression, Name, Program, Setting } from '../syntax/ast.js';
import type { NumberFormat } from '../tensor/number-format.js';
import { modelError } from './messages.js';
import type { Arithmetic } from './model.js';

export interface Checking {
  readonly constants: Constants;
  readonly report: Report;
  /** Number format of weights whose rule names none, in the first C program; float32 when left out. */
  readonly weights?: NumberFormat;
  /** What that program computes products with integer weights in; float32 when left out. */
  readonly arithmetic?: Arithmetic;
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

/** The settings that a schema knows as a call, so that a block is read as a call is; others are reported. */
export function asCall(callee: Name, settings: readonly Setting[], schema: Schema, report: Report): Call {
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
