/** Checks the rules of the `compress` block: their method, goal and selectors; which rule stores which weight. */
import { refuseLater } from '../arguments/later.js';
import { type Constants, describe } from '../arguments/read.js';
import type { Method, MethodUse } from '../methods/method.js';
import { findMethod, laterMethods, methods } from '../methods/methods.js';
import { suggestion } from '../support/suggest.js';
import type { Block, Call, Rule } from '../syntax/ast.js';
import type { Checking } from './checking.js';
import type { DefinedLayer } from './definitions.js';
import { type Goal, readGoal } from './goals.js';
import { compressError } from './messages.js';
import { type Cell, cellsOf, type Selected, select } from './selectors.js';

export interface CheckedRule {
  readonly node: Rule;
  readonly use: MethodUse;
  readonly goal: Goal | undefined;
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
  readonly #layers: readonly DefinedLayer[];
  readonly #checking: Checking;

  constructor(layers: readonly DefinedLayer[], checking: Checking) {
    this.#layers = layers;
    this.#checking = checking;
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
    for (const cell of cells) {
      const earlier = claims.get(cellKey(cell));
      const fill = { path: cells.length === cellsOf(layer).length ? layer.name : cellPath(layer, cell) };
      if (earlier?.rule === rule) {
        if (earlier.split === split) continue;
        report(compressError('both-ways', span, fill));
        return false;
      }
      const { override } = this.rules[rule]!.node;
      const other = earlier === undefined ? undefined : this.rules[earlier.rule]!.node;
      if (other !== undefined && override === other.override) {
        const note = { message: 'the other rule is here', span: other.span };
        report(compressError('two-rules', span, fill, [note]));
        return false;
      }
      if (other?.override !== true) claims.set(cellKey(cell), { rule, split });
    }
    return true;
  }

  #warnOfOverridden(): void {
    const used = new Set([...this.of.values()].flatMap((claims) => [...claims.values()].map((c) => c.rule)));
    for (const [i, { node }] of this.rules.entries()) {
      if (!used.has(i)) this.#checking.report(compressError('rule-overridden', node.span, {}));
    }
  }
}

/** The method and goal of a rule, or undefined when an error was reported. */
function checkRule(node: Rule, checking: Checking): CheckedRule | undefined {
  const { report, constants } = checking;
  for (const format of node.then) refuseNumberFormat(format, checking);
  const goal = node.goal === undefined ? undefined : readGoal(node.goal, checking);
  const { callee } = node.method;
  const small = callee.text === 'small';
  const method = findMethod(small ? 'dense' : callee.text);
  if (method === undefined) {
    const words = [...methods.map((m) => m.name), 'small'];
    if (laterMethods.includes(callee.text)) {
      const instead = `use one of ${words.map((w) => `\`${w}\``).join(', ')}`;
      refuseLater(`the method \`${callee.text}\``, instead, callee.span, report);
    } else {
      const fill = { word: callee.text, suggestion: suggestion(callee.text, words) };
      report(compressError('unknown-method', callee.span, fill));
    }
    return undefined;
  }
  const use = small ? useOfSmall(node.method, method, checking) : method.use(node.method, constants, report);
  const wrong = use === undefined || node.then.length > 0 || (node.goal !== undefined && goal === undefined);
  return wrong ? undefined : { node, use, goal, small, constants };
}

/** What `small` leaves is dense. */
function useOfSmall(call: Call, dense: Method, { constants, report }: Checking): MethodUse | undefined {
  const [argument] = call.args;
  if (argument === undefined) return dense.use(call, constants, report);
  report(compressError('small-arguments', argument.span, { found: describe(argument.value) }));
  return undefined;
}

function refuseNumberFormat({ callee }: Call, { report }: Checking): void {
  const instead = 'leave `then ...` out: values are stored as float32';
  refuseLater(`the number format \`${callee.text}\``, instead, callee.span, report);
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
