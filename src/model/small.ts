/**
 * `small`: the same layer with fewer hidden units, the iso-parameter baseline of [D] and [H]. A rewrite of the
 * definitions, no method of one weight: every layer that reads a smaller one has fewer inputs. What a goal compares is
 * the layer as the program writes it with the layer as it becomes, its inputs already smaller where `small` made
 * them so; definitions are solved in their order. Layers of one definition have one size and reach the goal together.
 */
import { findLayer } from '../layers/layers.js';
import { defined, invariant } from '../support/assert.js';
import type { Argument, Block, Call, Expression, Setting, Statement } from '../syntax/ast.js';
import { float32, type NumberFormat } from '../tensor/number-format.js';
import type { Checking } from './checking.js';
import { reportUnreachable } from './contradiction.js';
import { addCosts, type Cost } from './cost.js';
import { checkDefinitions, type DefinedLayer, type Definitions } from './definitions.js';
import { denseCost } from './dense.js';
import { hiddenUnits } from './hidden-units.js';
import { budgetsOf, type Measure, measureBetween } from './measure.js';
import { compressError } from './messages.js';
import { type CheckedRule, type Claims, cellKey } from './rules.js';
import { largest } from './search.js';
import { cellsOf } from './selectors.js';

/** One definition that a rule makes smaller. */
interface Target {
  readonly definition: string;
  readonly rule: CheckedRule;
  /** Hidden units as the program writes them. */
  readonly written: number;
}
/** Hidden units by definition, where they are not as written. */
type Sizes = ReadonlyMap<string, number>;

/** The place of `units` among the arguments of a definition, or undefined where its layer has none. */
function unitsArgument({ callee, args }: Call): number | undefined {
  const layer = findLayer(callee.text);
  const place = layer === undefined ? -1 : Object.keys(layer.schema).indexOf('units');
  if (layer === undefined || place < 0 || layer.arity === 'several') return undefined;
  const named = args.findIndex((a) => a.name?.text === 'units');
  return named >= 0 ? named : layer.arity + place;
}

function withUnits(setting: Setting, units: number): Setting {
  const { value } = setting;
  const place = value.kind === 'call' ? unitsArgument(value) : undefined;
  if (value.kind !== 'call' || place === undefined) return setting;
  const replace = (argument: Argument, i: number): Argument => {
    const { span } = argument.value;
    const number: Expression = { kind: 'number', value: units, integer: true, text: String(units), span };
    return i === place ? { ...argument, value: number } : argument;
  };
  return { ...setting, value: { ...value, args: value.args.map(replace) } };
}

function resized(block: Block, sizes: Sizes): Block {
  const resize = (statement: Statement): Statement => {
    const units = statement.kind === 'setting' ? sizes.get(statement.name.text) : undefined;
    return statement.kind === 'setting' && units !== undefined ? withUnits(statement, units) : statement;
  };
  return { ...block, statements: block.statements.map(resize) };
}

class Shrinking {
  readonly #block: Block;
  readonly #written: Definitions;
  readonly #claims: Claims;
  readonly #checking: Checking;
  readonly #sizes = new Map<string, number>();

  constructor(block: Block, written: Definitions, claims: Claims, checking: Checking) {
    this.#block = block;
    this.#written = written;
    this.#claims = claims;
    this.#checking = checking;
  }

  run(): Definitions | undefined {
    let whole = true;
    for (const rule of this.#claims.rules.filter((r) => r.small)) {
      const targets = this.#targets(rule);
      whole = targets !== undefined && this.#solve(rule, targets) && whole;
    }
    if (!whole) return undefined;
    const made = checkDefinitions(resized(this.#block, this.#sizes), this.#checking);
    return made && { ...made, layers: made.layers.map((layer, i) => ({ ...layer, written: this.#shapeAt(i) })) };
  }

  #shapeAt(index: number): DefinedLayer['shape'] {
    return defined(this.#written.layers[index], 'a layer as written').shape;
  }

  #layersOf(definition: string, { layers }: Definitions): readonly DefinedLayer[] {
    return layers.filter((layer) => layer.definition === definition);
  }

  /** What the rule makes smaller, in the order of the program; undefined after a report. */
  #targets(rule: CheckedRule): readonly Target[] | undefined {
    const index = this.#claims.rules.indexOf(rule);
    const isMine = (layer: DefinedLayer): readonly boolean[] =>
      cellsOf(layer).map((cell) => this.#claims.of.get(layer.name)?.get(cellKey(cell))?.rule === index);
    const names = [...new Set(this.#written.layers.map((l) => l.definition))];
    const targets: (Target | undefined)[] = [];
    for (const definition of names) {
      const layers = this.#layersOf(definition, this.#written);
      const mine = layers.flatMap(isMine);
      if (!mine.includes(true)) continue;
      const wrong = this.#wrong(
        definition,
        layers,
        mine.every((m) => m),
      );
      if (wrong !== undefined) {
        this.#checking.report(compressError('not-small', rule.use.call.span, { name: definition, ...wrong }));
      }
      targets.push(wrong === undefined ? { definition, rule, written: hiddenUnits(layers[0]!) } : undefined);
    }
    return targets.includes(undefined) ? undefined : targets.flatMap((t) => t ?? []);
  }

  /** Why a definition cannot become smaller. */
  #wrong(name: string, layers: readonly DefinedLayer[], all: boolean) {
    const setting = this.#block.statements.find((s) => s.kind === 'setting' && s.name.text === name);
    const call = setting?.kind === 'setting' && setting.value.kind === 'call' ? setting.value : undefined;
    if (call === undefined || unitsArgument(call) === undefined) {
      const hint = 'select recurrent or dense layers, or store it by a method such as `lmf`';
      return { reason: `\`${call?.callee.text}\` has no hidden units`, hint };
    }
    if (!all) return { reason: 'only some of its matrices are selected', hint: `select \`${name}\`` };
    if (layers.some((layer) => this.#written.outputs.includes(layer.name)))
      return { reason: 'it is an output of the model', hint: `read \`${name}\` in a later layer, or leave it dense` };
    return undefined;
  }

  #dense(definition: string, made: Definitions, format: NumberFormat): Cost {
    return addCosts(this.#layersOf(definition, made).map((layer) => denseCost(layer, format)));
  }

  /** Cost of a definition with some sizes as it is stored, the inputs as those sizes leave them. */
  #cost({ definition, rule }: Target, sizes: Sizes): Cost {
    const made = checkDefinitions(resized(this.#block, sizes), { ...this.#checking, report: () => {} });
    invariant(made !== undefined, `${definition} can be smaller`);
    return this.#dense(definition, made, rule.format?.format ?? this.#claims.weights);
  }

  /** Definition by definition; of a shared goal the largest then takes what the others have left. */
  #solve(rule: CheckedRule, targets: readonly Target[]): boolean {
    const { goal } = rule;
    if (goal === undefined) {
      this.#checking.report(compressError('small-without-goal', rule.use.call.span, {}));
      return false;
    }
    const before = targets.map((t) => this.#dense(t.definition, this.#written, float32));
    const { budgets, total, largest: most } = budgetsOf(goal, before);
    const solved = targets.map((target, i) => this.#fit(target, measureBetween(goal, before[i]!, budgets[i]!)));
    if (solved.includes(false) || !goal.together) return !solved.includes(false);
    const all = measureBetween(goal, addCosts(before), total);
    const cost = (sizes: Sizes): number => all.of(addCosts(targets.map((t) => this.#cost(t, sizes))));
    const { definition, written } = targets[most]!;
    const sizeAt = (units: number): Sizes => new Map([...this.#sizes, [definition, units]]);
    const least = defined(this.#sizes.get(definition), 'a solved size');
    this.#sizes.set(definition, largest(least, written, (units) => cost(sizeAt(units)) <= total) ?? least);
    return true;
  }

  #fit(target: Target, measure: Measure): boolean {
    const { definition, rule, written } = target;
    const at = (units: number): number =>
      measure.of(this.#cost(target, new Map([...this.#sizes, [definition, units]])));
    const units = largest(1, written, (size) => at(size) <= measure.budget);
    if (units !== undefined) {
      this.#sizes.set(definition, units);
      return true;
    }
    const bounds = { measure, smallest: at(1), largest: at(written) };
    reportUnreachable(
      { rule, layer: definition, goal: defined(rule.goal, 'a goal'), ...bounds },
      this.#checking.report,
    );
    return false;
  }
}

/** The definitions in the sizes that `small` solves, as they are where no rule asks. Undefined after a report. */
export function shrink(
  block: Block,
  written: Definitions,
  claims: Claims,
  checking: Checking,
): Definitions | undefined {
  if (!claims.rules.some((rule) => rule.small)) return written;
  return new Shrinking(block, written, claims, checking).run();
}
