/** Why weights are stored as they are, as a tree for people and as data. */
import { diagnosticToJson } from '../diagnostics/json.js';
import { positionAt, type Span } from '../diagnostics/source.js';
import type { WhyArgument, WhyWeight } from '../model/why.js';
import { bytes, count, factor } from '../support/units.js';
import { wrapWords } from '../support/wrap.js';
import { sparsityText } from './explain.js';
import { change } from './summary-table.js';

/** "model.cmp:14:3". */
function placeText({ source, start }: Span): string {
  const { line, column } = positionAt(source, start);
  return `${source.path}:${line}:${column}`;
}

const at = (text: string, span: Span | undefined): string =>
  span === undefined ? text : `${text} (${placeText(span)})`;

function argumentLine({ name, value, origin, span }: WhyArgument): string {
  const how = { given: 'given', solved: 'solved from the goal', default: 'the default' }[origin];
  return `${name} = ${value}: ${at(how, span)}`;
}

function formatLine({ summary, formatSpan }: WhyWeight): string {
  const { format, formatNote } = summary;
  return `in ${format}: ${at(formatNote === '' ? 'the default' : formatNote, formatSpan)}`;
}

function sizeLine({ summary: { before, after } }: WhyWeight): string {
  const parameters = change(count(before.parameters), count(after.parameters));
  const ratio = factor(before.parameters / after.parameters);
  return `${parameters} parameters, ${ratio}; ${change(bytes(before.bytes), bytes(after.bytes))}`;
}

/** What hangs below a weight: a line, and lines below that. */
interface Branch {
  readonly line: string;
  readonly below?: readonly string[];
}

function branches(why: WhyWeight): readonly Branch[] {
  const { decided, over, goal, solved, schedule, summary, tensors } = why;
  const method: Branch =
    decided === undefined
      ? { line: 'dense: no rule selects it' }
      : {
          line: `${summary.method}: by \`${decided.text}\` (${placeText(decided.span)})`,
          below: over.map(({ text, span }) => `wins over \`${text}\` (${placeText(span)})`),
        };
  const pruned = schedule === undefined ? [] : [{ line: `pruned: ${at(sparsityText(schedule), schedule.span)}` }];
  return [
    method,
    ...(goal === undefined ? [] : [{ line: `goal: ${at(goal.text, goal.span)}`, below: solved }]),
    ...why.arguments.map((argument) => ({ line: argumentLine(argument) })),
    { line: formatLine(why) },
    ...pruned,
    { line: sizeLine(why) },
    { line: `tensors: ${tensors.join(', ')}` },
  ];
}

/** A line of a tree and what is wrapped of it, behind its sign and below it. */
function hung(sign: string, rest: string, line: string, width: number): readonly string[] {
  const [first = '', ...others] = wrapWords(line, width - sign.length);
  return [`${sign}${first}`, ...others.map((other) => `${rest}${other}`)];
}

function tree(all: readonly Branch[], width: number): readonly string[] {
  return all.flatMap(({ line, below = [] }, i) => {
    const last = i === all.length - 1;
    const [sign, rest] = last ? ['└─ ', '   '] : ['├─ ', '│  '];
    const inner = below.flatMap((text, j) => {
      const end = j === below.length - 1;
      return hung(`${rest}${end ? '└─ ' : '├─ '}`, `${rest}${end ? '   ' : '│  '}`, text, width);
    });
    return [...hung(sign, `${rest}${below.length > 0 ? '│ ' : '  '}`, line, width), ...inner];
  });
}

const matrixText = ({ summary: { gates, rows, columns } }: WhyWeight): string =>
  gates === 1 ? `${rows}x${columns}` : `${gates} gates of ${rows}x${columns}`;

/** One tree for each weight, a blank line between. */
export const whyText = (weights: readonly WhyWeight[], width = Number.POSITIVE_INFINITY): string =>
  weights.map((why) => `${[`${why.path}: ${matrixText(why)}`, ...tree(branches(why), width)].join('\n')}\n`).join('\n');

/** A span as `--format json` writes it everywhere. */
function place(span: Span) {
  const { path, line, column, endLine, endColumn } = diagnosticToJson({
    ...{ code: '', severity: 'error', message: '', notes: [] },
    span,
  });
  return { path, line, column, endLine, endColumn };
}
const placed = (span: Span | undefined) => (span === undefined ? {} : { at: place(span) });

/** The same as data. */
export const whyToJson = ({ summary, ...why }: WhyWeight) => ({
  path: why.path,
  layer: why.layer,
  tensors: why.tensors,
  method: summary.method,
  ...(why.decided === undefined ? {} : { rule: { text: why.decided.text, ...placed(why.decided.span) } }),
  over: why.over.map(({ text, span }) => ({ text, ...placed(span) })),
  ...(why.goal === undefined ? {} : { goal: { text: why.goal.text, ...placed(why.goal.span) } }),
  arguments: why.arguments.map(({ name, value, origin, span }) => ({ name, value, origin, ...placed(span) })),
  solved: why.solved,
  format: { word: summary.format, note: summary.formatNote, ...placed(why.formatSpan) },
  ...(why.schedule === undefined
    ? {}
    : { schedule: { text: sparsityText(why.schedule), ...placed(why.schedule.span) } }),
  before: summary.before,
  after: summary.after,
});
