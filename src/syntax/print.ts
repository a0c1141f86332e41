/**
 * The formatter: a syntax tree as text, with every comment, aligned `=`, and lines of at most 100 columns where they
 * can be broken. It never changes the meaning, and printing twice changes nothing more.
 */
import type * as ast from './ast.js';

const WIDTH = 100;
const INDENT = '  ';

const quoted = (value: string): string =>
  `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

type Printers = { readonly [K in ast.ExpressionKind]: (e: ast.NodeOf<K>) => string };
const printers: Printers = {
  name: (e) => e.text,
  number: (e) => e.text,
  ratio: (e) => e.text,
  percent: (e) => e.text,
  shape: (e) => e.text,
  factor: (e) => e.text,
  size: (e) => e.text,
  time: (e) => e.text,
  clock: (e) => e.text,
  period: (e) => e.text,
  boolean: (e) => (e.value ? 'yes' : 'no'),
  string: (e) => quoted(e.value),
  list: (e) => `[${e.items.map(printExpression).join(', ')}]`,
  call: (e) => `${e.callee.text}(${e.args.map(printArgument).join(', ')})`,
};

/** An expression on one line. */
export const printExpression = (e: ast.Expression): string => (printers[e.kind] as (e: ast.Expression) => string)(e);

const printArgument = ({ name, value }: ast.Argument): string =>
  name === undefined ? printExpression(value) : `${name.text}=${printExpression(value)}`;

/** A method: a bare word when it has no arguments. */
const printMethod = (call: ast.Call): string => (call.args.length === 0 ? call.callee.text : printExpression(call));

function printPart({ alternatives }: ast.PathPart): string {
  const words = alternatives.map((name) => name.text);
  return words.length === 1 ? words[0]! : `{${words.join(',')}}`;
}

/** A selector as it is written: `lstm rnn*.input.{i,f} except rnn2`. */
export function printSelector({ layerKind, parts, except }: ast.Selector): string {
  const path = parts.map(printPart).join('.');
  const kind = layerKind === undefined ? '' : `${layerKind.text} `;
  return [`${kind}${path}`, ...except.map((other) => `except ${printSelector(other)}`)].join(' ');
}

/** A goal with its `to`. */
export function printGoal({ amount, unit, together }: ast.Goal): string {
  return `to ${printExpression(amount)}${unit === 'macs' ? ' macs' : ''}${together ? ' together' : ''}`;
}

/** Everything before the method: `override rnn1, rnn2: `. */
const ruleHead = (rule: ast.Rule): string =>
  `${rule.override ? 'override ' : ''}${rule.selectors.map(printSelector).join(', ')}: `;
const ruleTail = (rule: ast.Rule): string =>
  [...(rule.goal === undefined ? [] : [printGoal(rule.goal)]), ...rule.then.map((c) => `then ${printMethod(c)}`)]
    .map((part) => ` ${part}`)
    .join('');

/** A rule on one line. */
export const printRule = (rule: ast.Rule): string => ruleHead(rule) + printMethod(rule.method) + ruleTail(rule);

/** `name`, `sparsity(rnn1)` or `rnn*.method`, as it was written. */
function settingTarget({ name, selector }: ast.Setting): string {
  if (selector === undefined) return name.text;
  const dotted = selector.span.start < name.span.start;
  return dotted ? `${printSelector(selector)}.${name.text}` : `${name.text}(${printSelector(selector)})`;
}

/** An expression that begins in column `column`, broken over lines when it does not fit. */
function layOut(e: ast.Expression, indent: string, column: number): string {
  const flat = e.kind === 'call' && e.args.length === 0 ? `${e.callee.text}()` : printExpression(e);
  if (column + flat.length <= WIDTH) return flat;
  const inner = indent + INDENT;
  const broken = (open: string, parts: readonly string[], close: string): string =>
    `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
  if (e.kind === 'list' && e.items.length > 0)
    return broken(
      '[',
      e.items.map((item) => layOut(item, inner, inner.length + 1)),
      ']',
    );
  if (e.kind !== 'call' || e.args.length === 0) return flat;
  const parts = e.args.map(({ name, value }) => {
    const label = name === undefined ? '' : `${name.text}=`;
    return label + layOut(value, inner, inner.length + label.length + 1);
  });
  return broken(`${e.callee.text}(`, parts, ')');
}

function printStatement(statement: ast.Statement, align: number): string {
  if (statement.kind === 'setting') {
    const head = `${settingTarget(statement).padEnd(align)} = `;
    return INDENT + head + layOut(statement.value, INDENT, INDENT.length + head.length);
  }
  const [head, tail] = [ruleHead(statement), ruleTail(statement)];
  if (statement.method.args.length === 0) return INDENT + printRule(statement);
  return INDENT + head + layOut(statement.method, INDENT, INDENT.length + head.length) + tail;
}

/** Lines of comments; an empty one stays empty. */
const commentLines = (comments: readonly string[], indent: string): string[] =>
  comments.map((text) => (text === '' ? '' : indent + text));
const behind = (comment: string | undefined): string => (comment === undefined ? '' : `  ${comment}`);

function printBlock(block: ast.Block): string {
  const name = block.name === undefined ? '' : ` ${block.name.text}`;
  const targets = block.statements.map((s) => (s.kind === 'setting' ? settingTarget(s).length : 0));
  const align = Math.max(0, ...targets);
  const lines = block.statements.flatMap((statement) => [
    ...commentLines(statement.trivia.before, INDENT),
    printStatement(statement, align) + behind(statement.trivia.after),
  ]);
  const body = [...lines, ...commentLines(block.closing, INDENT)];
  const head = `${block.word}${name} {`;
  if (body.length === 0 && block.opening === undefined) return `${head}}`;
  return [head + behind(block.opening), ...body, '}'].join('\n');
}

type ItemPrinters = { readonly [K in ast.ProgramItem['kind']]: (item: ast.NodeOf<K>) => string };
const itemPrinters: ItemPrinters = {
  language: (item) => `language ${item.version}`,
  import: (item) => `import ${quoted(item.path.value)}`,
  let: (item) => {
    const head = `let ${item.name.text} = `;
    return head + layOut(item.value, '', head.length);
  },
  block: printBlock,
};

/** The whole program as `rnnc fmt` writes it, ending in a line break; nothing for an empty program. */
export function printProgram(program: ast.Program): string {
  const lines = program.items.flatMap((item) => [
    ...commentLines(item.trivia.before, ''),
    (itemPrinters[item.kind] as (item: ast.ProgramItem) => string)(item) + behind(item.trivia.after),
  ]);
  const all = [...lines, ...commentLines(program.closing, '')];
  return all.length === 0 ? '' : `${all.join('\n')}\n`;
}
