/** What every check of the program has at hand, and small readings that several of them share. */
import { type Constants, resolve } from '../arguments/read.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Argument, Block, Call, Expression, Name, Program, Setting } from '../syntax/ast.js';
import { modelError } from './messages.js';

export interface Checking {
  readonly constants: Constants;
  readonly report: Report;
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
    const key = [code, span.source.path, span.start, span.end, message].join('\n');
    if (severity === 'error') this.failed = true;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#report(diagnostic);
  };
}

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Reports a name that only known words may have, such as one with hyphens. */
export function checkName(name: Name, report: Report): boolean {
  if (plainName.test(name.text)) return true;
  const better = name.text.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
  report(modelError('bad-name', name.span, { name: name.text, better }));
  return false;
}

/** The program's `let` constants; a constant may name an earlier one. */
export function readConstants(program: Program, report: Report): Constants {
  const constants = new Map<string, Expression>();
  const names = new Map<string, Name>();
  for (const item of program.items) {
    if (item.kind !== 'let' || !checkName(item.name, report)) continue;
    const { text, span } = item.name;
    const earlier = names.get(text);
    if (earlier !== undefined) {
      const note = { message: 'first defined here', span: earlier.span };
      report(modelError('duplicate-name', span, { name: text }, [note]));
      continue;
    }
    names.set(text, item.name);
    constants.set(text, resolve(item.value, constants));
  }
  return constants;
}

/** The settings of a block; a rule among them is reported. */
export function settingsOf(block: Block, report: Report): readonly Setting[] {
  return block.statements.flatMap((statement) => {
    if (statement.kind === 'setting') return [statement];
    report(modelError('unexpected-rule', statement.span, { word: block.word }));
    return [];
  });
}

/** Settings in the form of a call, so that a block is read by a schema as a call is. */
export function asCall(callee: Name, settings: readonly Setting[], report: Report): Call {
  const args = settings.flatMap((setting): Argument[] => {
    const { name, value, span, selector } = setting;
    if (selector === undefined) return [{ kind: 'argument', name, value, span }];
    report(modelError('unexpected-selector', selector.span, { name: name.text }));
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
