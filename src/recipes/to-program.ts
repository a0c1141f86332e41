/**
 * A recipe applied to a program: its rules take the place of `compress`, its schedules the place of those in `train`.
 * What cannot be carried is listed. The result is a program like any other, to be checked and read by people.
 */
import type { Model } from '../model/model.js';
import { Fault } from '../support/fault.js';
import type { Block, Program, ProgramItem, Setting, Statement } from '../syntax/ast.js';
import { parse } from '../syntax/parse.js';
import { type NamedWeight, namedWeights, selectorsOf } from './parameter-names.js';
import type { Pruning, Rate, Recipe } from './recipe.js';

export interface Imported {
  readonly program: Program;
  readonly notCarried: readonly string[];
}

const number = (value: number): string => String(Number(value.toPrecision(10)));
const percent = (fraction: number): string => `${number(fraction * 100)}%`;
const epochs = (value: number): string => `${number(value)} ${value === 1 ? 'epoch' : 'epochs'}`;

interface Rule {
  readonly selectors: readonly string[];
  readonly pruning: Pruning;
}

/** Each weight under the first pruning that names it; names that mean nothing here are listed. */
function rulesOf(recipe: Recipe, weights: readonly NamedWeight[], notCarried: string[]): readonly Rule[] {
  const taken = new Set<string>();
  return recipe.prunings.flatMap((pruning) => {
    const { origin, parameters } = pruning;
    const found = parameters.flatMap((pattern) => {
      const selectors = selectorsOf(pattern, weights);
      const text = pattern.kind === 'all' ? 'every parameter' : pattern.text;
      if (selectors.length === 0) notCarried.push(`${origin}: ${text} names no weight of this model`);
      return selectors;
    });
    const selectors = [...new Set(found)].filter((selector) => {
      if (!taken.has(selector)) return true;
      notCarried.push(`${origin}: ${selector}, which an earlier one prunes`);
      return false;
    });
    for (const selector of selectors) taken.add(selector);
    return selectors.length === 0 ? [] : [{ selectors, pruning }];
  });
}

function ruleText({ selectors, pruning: { final, block, global } }: Rule): string {
  const blocks = block === undefined ? '' : `, block=${block.join('x')}`;
  return `${selectors.join(', ')}: prune(sparsity=${percent(final)}${blocks}${global ? ', ranking=global' : ''})`;
}

/** `every` counts steps, and a recipe does not know how many steps an epoch has: the default stays. */
function roadText({ pruning: { curve, from, to, initial } }: Rule): string {
  const start = initial > 0 ? `, start=${percent(initial)}` : '';
  return `${curve}(from=${epochs(from)}, to=${epochs(to)}${start})`;
}

function rateText(rate: Rate): string {
  if (rate.kind === 'constant') return number(rate.value);
  if (rate.kind === 'decay')
    return `decay(${number(rate.start ?? 1)}, by=${number(rate.by)}, every=${epochs(rate.every)})`;
  const { start, end, from, to } = rate;
  return `linear(${number(start)}, ${number(end)}, from=${epochs(from)}, to=${epochs(to)})`;
}

/** `rnn1.input` -> `rnn1`: the language states one road for all that is pruned in a layer. */
const layerOf = (selector: string): string => selector.replace(/\.(input|recurrent)$/, '');

/** The road of the first rule serves all; layers with another one have a line of their own. */
function roadTexts(rules: readonly Rule[], notCarried: string[]): readonly string[] {
  const [first] = rules;
  if (first === undefined) return [];
  const roads = new Map<string, string>();
  for (const rule of rules) {
    for (const layer of new Set(rule.selectors.map(layerOf))) {
      const [known, road] = [roads.get(layer), roadText(rule)];
      if (known === undefined) roads.set(layer, road);
      else if (known !== road) notCarried.push(`${rule.pruning.origin}: ${road} for ${layer}, which has ${known}`);
    }
  }
  const own = [...roads].filter(([, road]) => road !== roadText(first));
  return [`sparsity = ${roadText(first)}`, ...own.map(([layer, road]) => `sparsity(${layer}) = ${road}`)];
}

/** Settings of `train` that the recipe states. */
const trainTexts = (
  { rate, epochs: length }: Recipe,
  rules: readonly Rule[],
  notCarried: string[],
): readonly string[] => [
  ...(length === undefined ? [] : [`epochs = ${Math.ceil(length)}`]),
  ...(rate === undefined ? [] : [`lr = ${rateText(rate)}`]),
  ...roadTexts(rules, notCarried),
];

function blocksOf(text: string): readonly Block[] {
  const { items } = parse({ path: 'recipe', text }, (d) => {
    throw new Fault('recipe/value', `the recipe asks for what no program has: ${d.message}`, 'correct the recipe');
  });
  return items.filter((item) => item.kind === 'block');
}

/** A setting and what it is about: `sparsity(rnn1)` does not replace `sparsity`. */
const isReplacedBy = (statement: Statement, fresh: readonly Statement[]): boolean =>
  statement.kind === 'setting' &&
  (statement.name.text === 'sparsity' || statement.selector === undefined) &&
  fresh.some((s): s is Setting => s.kind === 'setting' && s.name.text === statement.name.text);

function mergeTrain(item: Block, settings: readonly string[]): Block {
  const fresh = blocksOf(`train {\n${settings.join('\n')}\n}`)[0]?.statements ?? [];
  const kept = item.statements.filter((statement) => !isReplacedBy(statement, fresh));
  return { ...item, statements: [...kept, ...fresh] };
}

/** What the language says otherwise than the recipe, whatever the recipe is. */
function differences(recipe: Recipe, rules: readonly Rule[], hasTrain: boolean): readonly string[] {
  const { rate } = recipe;
  return [
    ...rules
      .filter(({ pruning }) => pruning.every > 0)
      .map(
        ({ pruning: p }) => `${p.origin}: masks every ${epochs(p.every)}; here every 100 steps unless \`every\` says`,
      ),
    ...(rate?.kind === 'decay' && rate.start === undefined
      ? ['the rate to start from, which the recipe leaves open']
      : []),
    ...(hasTrain ? [] : ['schedules, rates and epochs: the program has no `train` block']),
  ];
}

/** `program` is the source of `model`. */
export function toProgram(recipe: Recipe, program: Program, model: Model): Imported {
  const notCarried = [...recipe.notCarried];
  const rules = rulesOf(recipe, namedWeights(model), notCarried);
  const train = program.items.find((item) => item.kind === 'block' && item.word === 'train');
  notCarried.push(...differences(recipe, rules, train !== undefined));
  const compress = rules.length === 0 ? [] : blocksOf(`compress {\n${rules.map(ruleText).join('\n')}\n}`);
  const settings = train === undefined ? [] : trainTexts(recipe, rules, notCarried);
  const items = program.items.flatMap((item): readonly ProgramItem[] => {
    if (item.kind !== 'block' || item.word === 'compress') return item.kind === 'block' ? [] : [item];
    if (item.word === 'model') return [item, ...compress];
    return item === train && settings.length > 0 ? [mergeTrain(item as Block, settings)] : [item];
  });
  return { program: { ...program, items }, notCarried };
}
