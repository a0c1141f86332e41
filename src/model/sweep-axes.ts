/**
 * Reads a `sweep` block: what it varies, each a list of values as written. A value is judged where it is put to use:
 * in the program of every combination, by the checks of that program.
 */
import { describe, resolve } from '../arguments/read.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { suggestion } from '../support/suggest.js';
import type { Block, Expression, Program, Rule, Setting } from '../syntax/ast.js';
import { printExpression, printRule, printSelector } from '../syntax/print.js';
import { formatWords } from '../tensor/number-format.js';
import { type Checking, settingsOf } from './checking.js';
import { checkDefinitions, type DefinedLayer } from './definitions.js';
import { formatError } from './format-messages.js';
import { isFormatWord } from './formats.js';
import { modelError } from './messages.js';
import { type Cell, Selectable, select } from './selectors.js';
import { sweepError } from './sweep-messages.js';
import { trainSchema } from './training.js';

/** What is varied of rules. */
const ruleWords = ['method', 'to', 'format'] as const;
type RuleWord = (typeof ruleWords)[number];
const ruleWord = (name: string): RuleWord | undefined => ruleWords.find((word) => word === name);

/** One setting of a sweep and its values. */
export interface Axis {
  /** As written left of `=`: `method`, `rnn*.to`, `format`, `lr`. */
  readonly name: string;
  /** What it replaces: the method, the goal or the number format of rules, or a setting of `train`. */
  readonly kind: RuleWord | 'train';
  readonly setting: Setting;
  readonly values: readonly Expression[];
  /** The rules it is about; none for settings of `train`. */
  readonly rules: readonly Rule[];
}

/** Settings of `train` that all runs share. */
const shared = ['data', 'metric'];

/** What a sweep may vary, in the order of the language. */
export const sweepWords: readonly string[] = [
  ...ruleWords,
  ...Object.keys(trainSchema).filter((name) => !shared.includes(name)),
];

/** What varying a setting means, for editors; undefined for what is no setting of a sweep. */
export function sweepDoc(name: string): string | undefined {
  if (name === 'method') return 'methods in place of those of the rules; what stands behind `to` and `then` stays';
  if (name === 'to') return 'goals in place of those of the rules: factors or sizes';
  if (name === 'format') return 'number formats of what the rules store, in place of those behind `then`';
  if (!sweepWords.includes(name)) return undefined;
  return `values of \`${name}\` of \`train\`: ${trainSchema[name as keyof typeof trainSchema].doc}`;
}

/** `rnn*.method`, `sparsity(rnn1)`, `seed`. */
function axisName({ name, selector }: Setting): string {
  if (selector === undefined) return name.text;
  const path = printSelector(selector);
  return ruleWord(name.text) !== undefined ? `${path}.${name.text}` : `${name.text}(${path})`;
}

const rulesOf = (program: Program): readonly Rule[] =>
  program.items
    .flatMap((item) => (item.kind === 'block' && item.word === 'compress' ? item.statements : []))
    .filter((statement) => statement.kind === 'rule');

/** Rules that store by a method: not by number formats alone, nor dense. */
const hasMethod = ({ method: { callee } }: Rule): boolean => callee.text !== 'dense' && !isFormatWord(callee.text);

class AxisReader {
  readonly #program: Program;
  readonly #checking: Checking;
  readonly #layers: Selectable;

  constructor(program: Program, checking: Checking) {
    this.#program = program;
    this.#checking = checking;
    const model = program.items.find((item) => item.kind === 'block' && item.word === 'model');
    const silent = { ...checking, report: () => undefined };
    this.#layers = new Selectable(model?.kind === 'block' ? (checkDefinitions(model, silent)?.layers ?? []) : []);
  }

  /** Undefined when an error was reported. */
  read(setting: Setting): Axis | undefined {
    const { report } = this.#checking;
    const { name, selector } = setting;
    if (shared.includes(name.text)) {
      report(sweepError('same-for-all', name.span, { name: name.text }));
      return undefined;
    }
    if (!sweepWords.includes(name.text)) {
      const fill = { name: name.text, suggestion: suggestion(name.text, sweepWords) };
      report(sweepError('unknown-setting', name.span, fill));
      return undefined;
    }
    const word = ruleWord(name.text);
    if (selector !== undefined && word === undefined && name.text !== 'sparsity') {
      report(modelError('unexpected-selector', selector.span, { name: name.text }));
      return undefined;
    }
    const rules = word === undefined ? [] : this.#rules(setting, word);
    const values = this.#values(setting);
    if (rules === undefined || values === undefined) return undefined;
    return { name: axisName(setting), kind: word ?? 'train', setting, values, rules };
  }

  #values(setting: Setting): readonly Expression[] | undefined {
    const { report, constants } = this.#checking;
    const name = axisName(setting);
    const written = resolve(setting.value, constants);
    const values = written.kind === 'list' ? written.items : [written];
    if (values.length === 0) report(sweepError('no-values', setting.value.span, { name }));
    const seen = new Set<string>();
    let whole = values.length > 0;
    for (const value of values) {
      const text = printExpression(value);
      const fault =
        misfit(setting, value) ??
        (seen.has(text) ? sweepError('value-twice', value.span, { value: text, name }) : undefined);
      if (fault !== undefined) report(fault);
      whole &&= fault === undefined;
      seen.add(text);
    }
    return whole ? values : undefined;
  }

  #rules(setting: Setting, word: RuleWord): readonly Rule[] | undefined {
    const { report, broken } = this.#checking;
    const all = rulesOf(this.#program);
    const rules = word === 'format' ? all : all.filter(hasMethod);
    const name = axisName(setting);
    // A rule that could not be read may be the one.
    const lost = broken?.has('compress') === true || broken?.has('items') === true;
    if (rules.length === 0 && lost) return undefined;
    if (rules.length === 0) {
      const found = word === 'format' ? 'the program has none' : 'no rule of the program stores by a method';
      report(sweepError('no-rule', setting.name.span, { name, found }));
      return undefined;
    }
    if (setting.selector === undefined) return rules;
    const selected = select(setting.selector, this.#layers, report);
    if (selected === undefined) return undefined;
    const named = new Set(selected.flatMap(keysOf));
    const cells = rules.map((rule) => rule.selectors.flatMap((s) => this.#cells(s)));
    const touched = rules.filter((_, i) => cells[i]!.some((cell) => named.has(cell)));
    const part = rules.find((_, i) => cells[i]!.some((c) => named.has(c)) && !cells[i]!.every((c) => named.has(c)));
    if (part !== undefined)
      report(sweepError('rule-in-part', setting.selector.span, { name, rule: printRule(part) }, noteOf(part)));
    else if (touched.length === 0 && !lost)
      report(sweepError('no-rule', setting.selector.span, { name, found: 'no rule with a method selects these' }));
    return part === undefined && touched.length > 0 ? touched : undefined;
  }

  #cells(selector: Rule['selectors'][number]): readonly string[] {
    return (select(selector, this.#layers, () => undefined) ?? []).flatMap(keysOf);
  }
}

/** A value that is neither a method nor a format, where the setting lists them; other values are judged in programs. */
function misfit(setting: Setting, value: Expression): Diagnostic | undefined {
  const word = ruleWord(setting.name.text);
  if (word !== 'method' && word !== 'format') return undefined;
  const fill = { name: axisName(setting), found: describe(value) };
  if (value.kind !== 'name' && value.kind !== 'call') return sweepError(`${word}-type`, value.span, fill);
  const { text, span } = value.kind === 'name' ? value : value.callee;
  if (word === 'method' || isFormatWord(text)) return undefined;
  return formatError('unknown-format', span, { word: text, suggestion: suggestion(text, formatWords) });
}

const noteOf = ({ span }: Rule) => [{ message: 'the rule is here', span }];
const keysOf = ({ layer, cells }: { readonly layer: DefinedLayer; readonly cells: readonly Cell[] }) =>
  cells.map(({ gate, block }) => `${layer.name} ${gate} ${block}`);

/** What a sweep varies; undefined when an error was reported. */
export function readAxes(block: Block, program: Program, checking: Checking): readonly Axis[] | undefined {
  const { report } = checking;
  const reader = new AxisReader(program, checking);
  const axes: Axis[] = [];
  const settings = settingsOf(block);
  for (const setting of settings) {
    const axis = reader.read(setting);
    const first = axis && axes.find(({ kind, name, rules }) => kind === axis.kind && meets(axis, { name, rules }));
    if (first !== undefined) {
      const note = { message: 'first given here', span: first.setting.span };
      report(sweepError('given-twice', setting.name.span, { name: setting.name.text }, [note]));
    } else if (axis !== undefined) axes.push(axis);
  }
  if (settings.length === 0 && checking.broken?.has('sweep') !== true)
    report(sweepError('no-axes', block.wordSpan, {}));
  return axes.length > 0 && axes.length === settings.length ? axes : undefined;
}

/** Whether two settings of a kind are about the same thing. */
const meets = (axis: Axis, other: Pick<Axis, 'name' | 'rules'>): boolean =>
  axis.kind === 'train' ? axis.name === other.name : axis.rules.some((rule) => other.rules.includes(rule));
