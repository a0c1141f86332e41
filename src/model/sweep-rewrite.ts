/**
 * Rewrites a program for one combination of a sweep: methods, goals and formats of rules, settings of `train`. Settings
 * that are about what a combination has not (the road of pruned weights where nothing is pruned) are left out, by name.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import type { Block, Call, Expression, Program, ProgramItem, Rule, Setting, Statement } from '../syntax/ast.js';
import { printSelector } from '../syntax/print.js';
import { isFormatWord } from './formats.js';
import type { Axis } from './sweep-axes.js';

/** A value for one setting of the sweep. */
export interface Choice {
  readonly axis: Axis;
  readonly value: Expression;
}

export const isSweep = (item: ProgramItem): boolean => item.kind === 'block' && item.word === 'sweep';

/** `lmf` as a call without arguments. */
const callOf = (value: Expression): Call | undefined => {
  if (value.kind === 'call') return value;
  return value.kind === 'name' ? { kind: 'call', callee: value, args: [], span: value.span } : undefined;
};

/** The rule with another method; a dense one has no goal. */
export function withMethod(rule: Rule, method: Call): Rule {
  const { goal, ...rest } = rule;
  return method.callee.text === 'dense' || goal === undefined ? { ...rest, method } : { ...rest, goal, method };
}

/** The rule with another amount behind `to`: `macs` and `together` stay. */
export function withGoal(rule: Rule, amount: Expression, together = false): Rule {
  const { span } = amount;
  const goal = rule.goal ?? ({ kind: 'goal', unit: 'parameters', together } as const);
  return rule.method.callee.text === 'dense' ? rule : { ...rule, goal: { ...goal, amount, span } };
}

/** The rule with another number format behind `then`; one that is a format alone is the other. */
export function withFormat(rule: Rule, format: Call): Rule {
  if (isFormatWord(rule.method.callee.text)) return { ...rule, method: format };
  // biome-ignore lint/suspicious/noThenProperty: `then` is the word of the language; a rule is never awaited
  return { ...rule, then: [format] };
}

function rewriteRule(rule: Rule, choices: readonly Choice[]): Rule {
  const chosen = (kind: Axis['kind']): Expression | undefined =>
    choices.find(({ axis }) => axis.kind === kind && axis.rules.includes(rule))?.value;
  const callOfKind = (kind: Axis['kind']): Call | undefined => {
    const value = chosen(kind);
    return value && callOf(value);
  };
  const [method, amount, format] = [callOfKind('method'), chosen('to'), callOfKind('format')];
  const made = method === undefined ? rule : withMethod(rule, method);
  const sized = amount === undefined ? made : withGoal(made, amount);
  return format === undefined ? sized : withFormat(sized, format);
}

const selectorText = ({ selector }: Setting): string => (selector === undefined ? '' : printSelector(selector));

function rewriteTrain(block: Block, choices: readonly Choice[]): Block {
  const ofTrain = choices.filter(({ axis }) => axis.kind === 'train');
  const same = (a: Statement, { axis: { setting } }: Choice): boolean =>
    a.kind === 'setting' && a.name.text === setting.name.text && selectorText(a) === selectorText(setting);
  const changed = block.statements.map((s) => {
    const choice = ofTrain.find((c) => same(s, c));
    return s.kind === 'setting' && choice !== undefined ? { ...s, value: choice.value } : s;
  });
  const fresh = ofTrain.filter((choice) => !block.statements.some((s) => same(s, choice)));
  const added = fresh.map(({ axis, value }): Setting => ({ ...axis.setting, trivia: { before: [] }, value }));
  return { ...block, statements: [...changed, ...added] };
}

const mapRules = (block: Block, change: (rule: Rule, index: number) => Rule): Block => {
  let index = 0;
  return { ...block, statements: block.statements.map((s) => (s.kind === 'rule' ? change(s, index++) : s)) };
};

const mapBlock = (program: Program, word: Block['word'], change: (block: Block) => Block): Program => ({
  ...program,
  items: program.items.map((item) => (item.kind === 'block' && item.word === word ? change(item) : item)),
});

/** Every rule of a program changed. */
export const changeRules = (program: Program, change: (rule: Rule, index: number) => Rule): Program =>
  mapBlock(program, 'compress', (block) => mapRules(block, change));

/** The program of one combination, without the sweep. */
export function rewrite(program: Program, choices: readonly Choice[]): Program {
  const alone = { ...program, items: program.items.filter((item) => !isSweep(item)) };
  const ruled = changeRules(alone, (rule) => rewriteRule(rule, choices));
  return mapBlock(ruled, 'train', (block) => rewriteTrain(block, choices));
}

/** Errors that say that a setting is about something the program has not. */
const aboutNothing = ['train/nothing-pruned', 'train/cmr-without-dkp', 'train/alternate-without-dkp'];

const holds = (outer: Span, inner: Span): boolean =>
  outer.source.path === inner.source.path && outer.start <= inner.start && inner.end <= outer.end;

/** A setting without what is about nothing; undefined where all of it is. */
function withoutSpan(setting: Setting, span: Span): Setting | undefined {
  const { value } = setting;
  if (value.kind !== 'list') return undefined;
  const items = value.items.filter((item) => !holds(item.span, span));
  return items.length === 0 || items.length === value.items.length
    ? undefined
    : { ...setting, value: { ...value, items } };
}

export interface Left {
  readonly program: Program;
  /** The word that was left out: `sparsity`, `cmr`. */
  readonly word: string;
}

/** The program without the setting that an error is about; undefined where the error is of another kind. */
export function leaveOut(program: Program, { code, span }: Diagnostic): Left | undefined {
  if (!aboutNothing.includes(code)) return undefined;
  const isMeant = (s: Statement): s is Setting =>
    s.kind === 'setting' && (holds(s.value.span, span) || (s.selector !== undefined && holds(s.selector.span, span)));
  const train = program.items.find((item) => item.kind === 'block' && item.word === 'train');
  const meant = train?.kind === 'block' ? train.statements.find(isMeant) : undefined;
  if (meant === undefined) return undefined;
  const left = withoutSpan(meant, span);
  const rest = ({ statements }: Block): readonly Statement[] =>
    statements.flatMap((s) => (s !== meant ? [s] : left === undefined ? [] : [left]));
  const word = code === 'train/cmr-without-dkp' ? 'cmr' : meant.name.text;
  return { program: mapBlock(program, 'train', (block) => ({ ...block, statements: rest(block) })), word };
}
