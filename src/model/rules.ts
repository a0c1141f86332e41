/** Checks the rules of the `compress` block: their method, goal and selectors; which rule stores which weight. */
import { type Constants, describe } from '../arguments/read.js';
import { type Diagnostic, withFix } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import type { Method, MethodUse } from '../methods/method.js';
import { findMethod, methods } from '../methods/methods.js';
import { suggestion } from '../support/suggest.js';
import type { Block, Call, Rule } from '../syntax/ast.js';
import { float32, formatWords, type NumberFormat } from '../tensor/number-format.js';
import type { Checking } from './checking.js';
import type { DefinedLayer } from './definitions.js';
import { formatError } from './format-messages.js';
import { formattedUse, isFormatWord, readWeightFormat } from './formats.js';
import { type Goal, readGoal } from './goals.js';
import { compressError } from './messages.js';
import type { WeightFormat } from './model.js';
import { type Cell, cellsOf, Selectable, type Selected, select } from './selectors.js';

export interface CheckedRule {
  readonly node: Rule;
  readonly use: MethodUse;
  readonly goal: Goal | undefined;
  /** Behind `then`, or the rule itself. */
  readonly format: WeightFormat | undefined;
  /** Format of its values in the first C program. */
  readonly stored: NumberFormat;
  /** The rule is a number format alone: its weights are dense. */
  readonly formatOnly: boolean;
  /** The rule is `small`: its weights are dense, in layers with fewer hidden units. */
  readonly small: boolean;
  readonly constants: Constants;
}

/** Who stores a cell: a rule, and whether it named the column block by itself. */
export interface Claim {
  readonly rule: number;
  readonly split: boolean;
}

export interface Claims {
  readonly rules: readonly CheckedRule[];
  /** By layer name, then `cellKey`; no entry for what no rule selects. */
  readonly of: ReadonlyMap<string, ReadonlyMap<string, Claim>>;
  /** Number format of weights whose rule names none, in the first C program. */
  readonly weights: NumberFormat;
}

export const cellKey = ({ gate, block }: Cell): string => `${gate}.${block}`;

/** `rnn1.input.f`: a cell in the words of an error. */
function cellPath(layer: DefinedLayer, cell: Cell): string {
  const { family } = layer.shape;
  return [layer.name, family?.parts[cell.block], family?.gates[cell.gate]].filter((p) => p !== undefined).join('.');
}

class ClaimCheck {
  readonly rules: CheckedRule[] = [];
  readonly of = new Map<string, Map<string, Claim>>();
  readonly weights: NumberFormat;
  readonly #layers: Selectable;
  /** Rules that take a weight from another. */
  readonly #overriding = new Set<number>();
  readonly #checking: Checking;

  constructor(layers: readonly DefinedLayer[], checking: Checking) {
    this.#layers = new Selectable(layers);
    this.#checking = checking;
    this.weights = checking.weights ?? float32;
  }

  /** False when an error was reported. */
  run(nodes: readonly Rule[]): boolean {
    let whole = true;
    for (const node of nodes) {
      const rule = checkRule(node, this.#checking);
      const selected = node.selectors.map((s) => select(s, this.#layers, this.#checking.report));
      whole &&= rule !== undefined && !selected.includes(undefined);
      if (rule === undefined || selected.includes(undefined)) continue;
      const index = this.rules.push(rule) - 1;
      for (const [i, found] of selected.entries()) {
        for (const part of found ?? []) whole = this.#claim(part, index, node.selectors[i]!) && whole;
      }
    }
    if (whole) this.#warnOfOverridden();
    return whole;
  }

  #claim({ layer, cells, split }: Selected, rule: number, { span }: Rule['selectors'][number]): boolean {
    const { report } = this.#checking;
    const claims = this.of.get(layer.name) ?? new Map<string, Claim>();
    this.of.set(layer.name, claims);
    const fillOf = (cell: Cell) => ({
      path: cells.length === cellsOf(layer).length ? layer.name : cellPath(layer, cell),
    });
    for (const cell of cells) {
      const key = cellKey(cell);
      const earlier = claims.get(key);
      if (earlier?.rule === rule) {
        if (earlier.split === split) continue;
        report(compressError('both-ways', span, fillOf(cell)));
        return false;
      }
      const { override } = this.rules[rule]!.node;
      const other = earlier === undefined ? undefined : this.rules[earlier.rule]!.node;
      if (earlier !== undefined) this.#overriding.add(override ? rule : earlier.rule);
      if (other !== undefined && override === other.override) {
        const note = { message: 'the other rule is here', span: other.span };
        report(compressError('two-rules', span, fillOf(cell), [note]));
        return false;
      }
      if (other?.override !== true) claims.set(key, { rule, split });
    }
    return true;
  }

  #warnOfOverridden(): void {
    const used = new Set([...this.of.values()].flatMap((claims) => [...claims.values()].map((c) => c.rule)));
    for (const [i, { node }] of this.rules.entries()) {
      if (!used.has(i)) this.#checking.report(compressError('rule-overridden', node.span, {}));
      if (node.override && !this.#overriding.has(i)) this.#checking.report(overridesNothing(node.span));
    }
  }
}

/** The place is the word, which the rule begins with; without it the rule means the same. */
function overridesNothing({ source, start }: Span): Diagnostic {
  const word = { source, start, end: start + 'override'.length };
  return withFix(compressError('nothing-overridden', word, {}), '', { ...word, end: word.end + 1 });
}

/** The method and goal of a rule, or undefined when an error was reported. */
function checkRule(node: Rule, checking: Checking): CheckedRule | undefined {
  const { report, constants } = checking;
  const format = readRuleFormat(node, checking);
  const goal = node.goal === undefined ? undefined : readGoal(node.goal, checking);
  const { callee } = node.method;
  const small = callee.text === 'small';
  const formatOnly = isFormatWord(callee.text);
  const method = findMethod(small || formatOnly ? 'dense' : callee.text);
  if (method === undefined) {
    const words = [...methods.map((m) => m.name), 'small', ...formatWords];
    const fill = { word: callee.text, suggestion: suggestion(callee.text, words) };
    report(compressError('unknown-method', callee.span, fill));
    return undefined;
  }
  // The arguments of a format are not those of the dense method that it stands for.
  const call = formatOnly ? { ...node.method, args: [] } : node.method;
  const use = small ? useOfSmall(call, method, checking) : method.use(call, constants, report);
  const wrong = use === undefined || format === 'wrong' || (node.goal !== undefined && goal === undefined);
  if (wrong) return undefined;
  const stored = format?.format ?? checking.weights ?? float32;
  return { node, use: formattedUse(use, stored), goal, format, stored, formatOnly, small, constants };
}

/** What the rule says of number formats: one, behind its method or alone. */
function readRuleFormat(node: Rule, checking: Checking): WeightFormat | undefined | 'wrong' {
  const { report } = checking;
  const calls = [node.method, ...node.then];
  const first = calls.findIndex(({ callee }) => isFormatWord(callee.text));
  for (const [i, { callee }] of calls.entries()) {
    if (i === 0 || i === first) continue;
    const word = callee.text;
    if (isFormatWord(word)) report(formatError('two-formats', callee.span, { first: calls[first]!.callee.text, word }));
    else if (findMethod(word) === undefined && word !== 'small')
      report(formatError('unknown-format', callee.span, { word, suggestion: suggestion(word, formatWords) }));
    else if (first >= 0 && first < i)
      report(formatError('format-first', callee.span, { method: word, format: calls[first]!.callee.text }));
    else report(formatError('two-methods', callee.span, { method: word }));
    return 'wrong';
  }
  const call = calls[first];
  return call === undefined ? undefined : (readWeightFormat(call, checking) ?? 'wrong');
}

/** What `small` leaves is dense. */
function useOfSmall(call: Call, dense: Method, { constants, report }: Checking): MethodUse | undefined {
  const [argument] = call.args;
  if (argument === undefined) return dense.use(call, constants, report);
  report(compressError('small-arguments', argument.span, { found: describe(argument.value) }));
  return undefined;
}

/** Undefined when a rule is wrong; all that could be found wrong has been reported. */
export function checkRules(
  block: Block | undefined,
  layers: readonly DefinedLayer[],
  checking: Checking,
): Claims | undefined {
  const check = new ClaimCheck(layers, checking);
  const whole = check.run(block?.statements.filter((statement) => statement.kind === 'rule') ?? []);
  return whole ? check : undefined;
}
