/**
 * Why a weight is stored as it is: the rule that decides it and those that it wins over, every argument with the place
 * where it is given or the rule by which it was solved, its number format and its schedule. Data; printed in report/.
 */
import type { Constants } from '../arguments/read.js';
import { resolve } from '../arguments/read.js';
import type { Span } from '../diagnostics/source.js';
import { findMethod } from '../methods/methods.js';
import { sparsityPercent } from '../support/units.js';
import type { Argument, Block, Program, Rule } from '../syntax/ast.js';
import { printExpression, printGoal, printRule } from '../syntax/print.js';
import { readConstants } from './checking.js';
import { checkDefinitions } from './definitions.js';
import { isFormatWord } from './formats.js';
import { type Layer, type Model, tensorPath, type Unit } from './model.js';
import type { SparsitySchedule } from './schedule.js';
import { Selectable, select } from './selectors.js';
import { type RuleSummary, summarize, summarizeRules, type UnitSummary } from './summary.js';

/** What is said, and where. */
export interface Said {
  readonly text: string;
  readonly span: Span;
}

export interface WhyArgument {
  readonly name: string;
  readonly value: string;
  /** Written in the rule, solved from its goal, or left to the method. */
  readonly origin: 'given' | 'solved' | 'default';
  /** Where it is given; the goal that it was solved from. */
  readonly span?: Span;
}

export interface WhyWeight {
  readonly path: string;
  readonly layer: string;
  /** Paths of its tensors in the weight file. */
  readonly tensors: readonly string[];
  readonly summary: UnitSummary;
  /** Undefined: no rule selects it, so that it is dense. */
  readonly decided: Said | undefined;
  /** Rules that select it too and are overridden. */
  readonly over: readonly Said[];
  readonly goal: Said | undefined;
  readonly arguments: readonly WhyArgument[];
  /** By which rule open arguments were solved, a line each. */
  readonly solved: readonly string[];
  /** Where its number format is said; undefined: the default. */
  readonly formatSpan: Span | undefined;
  /** How it is pruned; undefined where it is not. */
  readonly schedule: SparsitySchedule | undefined;
}

const blocksOf = (program: Program, word: Block['word']): readonly Block[] =>
  program.items.filter((item): item is Block => item.kind === 'block' && item.word === word);

const rulesOf = (program: Program): readonly Rule[] =>
  blocksOf(program, 'compress').flatMap(({ statements }) => statements.filter((s) => s.kind === 'rule'));

const matches = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\-]/g, '\\$&').replaceAll('*', '.*')}$`).test(path);

const tensorsOf = ({ path, weight }: Unit): readonly string[] =>
  Object.keys(weight.tensors).map((name) => tensorPath(path, name));

class Explaining {
  readonly #model: Model;
  readonly #rules: readonly Rule[];
  readonly #program: Program;
  readonly #constants: Constants;
  readonly #layers: Selectable;
  readonly #units: ReadonlyMap<string, UnitSummary>;
  readonly #rows: readonly RuleSummary[];

  constructor(program: Program, model: Model) {
    this.#model = model;
    this.#program = program;
    this.#rules = rulesOf(program);
    this.#constants = readConstants(program);
    const [block] = blocksOf(program, 'model');
    const checking = { constants: this.#constants, report: () => undefined };
    this.#layers = new Selectable((block && checkDefinitions(block, checking)?.layers) ?? []);
    this.#units = new Map(summarize(model).flatMap(({ units }) => units.map((u) => [u.path, u])));
    this.#rows = summarizeRules(model);
  }

  why(layer: Layer, unit: Unit): WhyWeight {
    const rule = unit.rule === undefined ? undefined : this.#rules[unit.rule];
    const row = this.#rows.find((r) => r.rule === unit.rule && r.layer === layer.name);
    const goal = rule?.goal;
    return {
      path: unit.path,
      layer: layer.name,
      tensors: tensorsOf(unit),
      summary: this.#units.get(unit.path)!,
      decided: rule && said(rule),
      over: this.#over(layer, unit).map(said),
      goal: goal && { text: printGoal(goal), span: goal.span },
      arguments: rule === undefined ? [] : this.#arguments(unit, rule, row),
      solved: [...new Set(row?.units.flatMap((u) => u.why) ?? [])],
      formatSpan: this.#formatSpan(unit, rule),
      schedule: this.#schedule(layer, unit),
    };
  }

  /** Other rules that select a gate and column block of the weight. */
  #over(layer: Layer, { gates, blocks, rule }: Unit): readonly Rule[] {
    const covers = (other: Rule): boolean =>
      other.selectors.some((selector) =>
        select(selector, this.#layers, () => undefined)
          ?.filter((found) => found.layer.name === layer.name)
          .some(({ cells }) => cells.some((c) => gates.includes(c.gate) && blocks.includes(c.block))),
      );
    return this.#rules.filter((other, i) => i !== rule && covers(other));
  }

  /** The argument of a call that a name was given by. */
  #given({ method }: Rule, name: string): Argument | undefined {
    const schema = findMethod(method.callee.text)?.schema ?? {};
    const names = Object.keys(schema).filter((n) => schema[n]!.named !== true);
    const positional = method.args.filter((a) => a.name === undefined);
    return method.args.find((a) => a.name?.text === name) ?? positional[names.indexOf(name)];
  }

  #arguments(unit: Unit, rule: Rule, row: RuleSummary | undefined): readonly WhyArgument[] {
    const summary = this.#units.get(unit.path)!;
    const sparsity =
      row === undefined || summary.elements === 0
        ? []
        : [{ name: 'sparsity', value: sparsityPercent(row.kept, row.elements) }];
    return [...summary.arguments, ...sparsity].map(({ name, value }) => {
      const given = this.#given(rule, name);
      if (given !== undefined) return { name, value: this.#written(given, value), origin: 'given', span: given.span };
      return rule.goal === undefined
        ? { name, value, origin: 'default' }
        : { name, value, origin: 'solved', span: rule.goal.span };
    });
  }

  /** A percent is shown as it is written, everything else as it was understood. */
  #written({ value }: Argument, understood: string): string {
    const resolved = resolve(value, this.#constants);
    return resolved.kind === 'percent' ? printExpression(resolved) : understood;
  }

  #formatSpan(unit: Unit, rule: Rule | undefined): Span | undefined {
    const call = rule && [rule.method, ...rule.then].find(({ callee }) => isFormatWord(callee.text));
    if (unit.format !== undefined) return call?.span;
    const emit = blocksOf(this.#program, 'emit').find(({ name }) => name?.text === 'c' || name?.text === 'neon');
    return emit?.statements.find((s) => s.kind === 'setting' && s.name.text === 'weights')?.span;
  }

  #schedule(layer: Layer, unit: Unit): SparsitySchedule | undefined {
    const { training, pools } = this.#model;
    const pruned = pools.some(({ tensors }) => tensorsOf(unit).some((path) => tensors.includes(path)));
    return pruned ? (training?.sparsityOf.get(layer.name) ?? training?.sparsity) : undefined;
  }
}

const said = (rule: Rule): Said => ({ text: printRule(rule), span: rule.span });

/** Paths of all weights, and of their tensors. */
export const weightPaths = ({ layers }: Model): readonly string[] =>
  layers.flatMap(({ units }) => units.flatMap((unit) => [unit.path, ...tensorsOf(unit)]));

/** Every weight whose path, or that of one of its tensors, is meant: `rnn1`, `rnn*.recurrent`, `rnn1.S`. */
export function explainWeights(program: Program, model: Model, pattern: string): readonly WhyWeight[] {
  const explaining = new Explaining(program, model);
  const meant = (layer: Layer, unit: Unit): boolean =>
    [layer.name, unit.path, ...tensorsOf(unit)].some((path) => matches(pattern, path));
  return model.layers.flatMap((layer) =>
    layer.units.filter((unit) => meant(layer, unit)).map((unit) => explaining.why(layer, unit)),
  );
}
