/**
 * Checks a program as far as its text could be read: what stands around a fault of the text is set aside, what follows
 * from it is not said, and a name that is missing is told of with the words that are legal in its place.
 */
import { type Diagnostic, Diagnostics, type Report } from '../diagnostics/diagnostic.js';
import type { BlockWord, Program } from '../syntax/ast.js';
import { holds, withoutGaps } from '../syntax/gaps.js';
import { check } from './check.js';
import type { Model } from './model.js';
import type { Extent } from './sweep.js';

/** Faults of the text after which nothing is known of the rest. */
const final = /^syntax\/(import-.*|too-long|too-many-errors|language-version)$/;
/** Faults of a word that is not there. */
const missing = /^syntax\/missing-(name|value)$/;

const isEmpty = ({ span }: Diagnostic): boolean => span.start === span.end;
const textOf = ({ span: { source, start, end } }: Diagnostic): string => source.text.slice(start, end);

/** The hint of what the checker says about an empty word. */
function withLegalWords(fault: Diagnostic, found: readonly Diagnostic[]): Diagnostic {
  if (!missing.test(fault.code)) return fault;
  const { source, start, end } = fault.span;
  // The empty word stands in front of a sign that wants a name, behind one that wants a value.
  const said = found.find(
    (d) => isEmpty(d) && d.span.source === source && (d.span.start === start || d.span.start === end),
  );
  const { hint, choices } = said?.choices?.length === 0 ? {} : (said ?? {});
  return { ...fault, ...(hint === undefined ? {} : { hint }), ...(choices === undefined ? {} : { choices }) };
}

/** The blocks that faults stand in. */
const blocksOf = ({ items }: Program, faults: readonly Diagnostic[]): readonly BlockWord[] =>
  items.flatMap((item) =>
    item.kind === 'block' && faults.some(({ span }) => holds(item.span, span)) ? [item.word] : [],
  );

/** Files in the order of the first fault, then places. */
function inOrder(faults: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = [...new Set(faults.map((d) => d.span.source))];
  const place = ({ span }: Diagnostic): number => files.indexOf(span.source);
  return [...faults].sort((a, b) => place(a) - place(b) || a.span.start - b.span.start);
}

/** `faults` are those of the text, not reported yet. Undefined when there was one, or an error was found. */
export function checkLoaded(
  program: Program,
  faults: readonly Diagnostic[],
  report: Report,
  extent: Extent = 'all',
): Model | undefined {
  if (faults.length === 0) return check(program, report, new Set(), extent);
  if (faults.some(({ code }) => final.test(code))) {
    for (const fault of faults) report(fault);
    return undefined;
  }
  const { program: rest, broken, lost } = withoutGaps(program);
  const found = new Diagnostics();
  const nameless = faults.filter(({ code }) => missing.test(code));
  check(rest, found.report, new Set([...broken, ...blocksOf(rest, nameless)]));
  const follows = (d: Diagnostic): boolean => nameless.some((fault) => holds(d.span, fault.span));
  const own = found.all.filter((d) => d.severity === 'error' && !isEmpty(d) && !lost.has(textOf(d)) && !follows(d));
  const told = faults.map((fault) => withLegalWords(fault, found.all));
  for (const diagnostic of inOrder([...told, ...own])) report(diagnostic);
  return undefined;
}
