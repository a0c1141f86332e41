/**
 * Reads a text that differs little from one read before, as an editor's text does at every keystroke: a window around
 * the edit is read, what lies outside is moved. The answer is that of `parseText`, which is asked wherever the edit may
 * reach further than its window.
 *
 * Why that is the same: no token looks back, and none looks further ahead than the beginning of the next, so outside of
 * the window the tokens are those of before. The parser decides by a few tokens and mends the statement that it stands
 * in; the window holds two whole statements on each side of the edit, and counts only where it reads them as before.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Source, Span } from '../diagnostics/source.js';
import type { Block, Gap, ProgramItem, Statement } from './ast.js';
import { type Move, moved, movedFault, movedGaps, movedSpan } from './move.js';
import { type ParsedText, parseText } from './parse.js';

/** Where two texts differ: from `start` to `end` in the old one, whose rest stands `by` characters further on. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly by: number;
}

function editBetween(old: string, now: string): Edit {
  const most = Math.min(old.length, now.length);
  let start = 0;
  while (start < most && old.charCodeAt(start) === now.charCodeAt(start)) start++;
  let same = 0;
  const [lastOld, lastNow] = [old.length - 1, now.length - 1];
  while (same < most - start && old.charCodeAt(lastOld - same) === now.charCodeAt(lastNow - same)) same++;
  return { start, end: old.length - same, by: now.length - old.length };
}

/** What is read again of a block, in places of the old text. */
interface Window {
  readonly block: Block;
  /** Statements before this one stay; the last of them is read too. 0: all from the word of the block on is read. */
  readonly first: number;
  /** Statements from this one on stay; the first of them is read too. Their number: all up to `}` is read. */
  readonly last: number;
  readonly from: number;
  readonly to: number;
  /** Nothing outside of these two may be wrong, or was. */
  readonly low: number;
  readonly high: number;
}

/** From the word of a block to its brace, without comments. */
const header = /[a-z]+(?:\s+[\w-]+)?\s*\{/y;

/** The place behind the brace of a block, undefined where it is hard to tell. */
function bodyStart({ span: { source, start } }: Block): number | undefined {
  header.lastIndex = start;
  return header.test(source.text) ? header.lastIndex : undefined;
}

/**
 * Undefined where the edit is not well inside of one block. Whatever is wrong in its block is in the window: a bracket
 * that one statement misses may be found in another.
 */
function windowAround(items: readonly ProgramItem[], edited: Edit, wrong: readonly Span[]): Window | undefined {
  const block = items.find(({ span }) => span.start < edited.start && edited.end < span.end);
  if (block?.kind !== 'block') return undefined;
  const { statements, span } = block;
  const inBlock = wrong.filter(({ start, end }) => end > span.start && start < span.end);
  const edit = {
    start: Math.min(edited.start, ...inBlock.map(({ start }) => start)),
    end: Math.max(edited.end, ...inBlock.map(({ end }) => end)),
  };
  const [body, closes] = [bodyStart(block), span.source.text[span.end - 1] === '}'];
  if (body === undefined || body > edit.start || edit.end >= span.end || !closes) return undefined;
  const behind = statements.findIndex((s) => s.span.end >= edit.start);
  const before = (behind < 0 ? statements.length : behind) - 1;
  const next = statements.findIndex((s) => s.span.start > edit.end);
  const first = Math.max(before, 0);
  const last = next < 0 ? statements.length : Math.min(next + 1, statements.length);
  const [lead, tail] = [statements[first - 1], statements[last]];
  return {
    block,
    first,
    last,
    from: lead?.span.start ?? span.start,
    to: tail?.span.end ?? span.end,
    low: lead === undefined ? body : statements[first]!.span.end,
    high: tail === undefined ? span.end - 1 : statements[last - 1]!.span.start,
  };
}

/** Faults that say something of the text around them, or of all of it. */
const wide: ReadonlySet<string> = new Set(
  [
    ...['cut-comment', 'too-deep', 'too-long', 'too-many-errors', 'language-version', 'language-first'],
    ...['unclosed-block', 'unknown-item'],
  ].map((name) => `syntax/${name}`),
);
/** Many faults are told of by their number. */
const mostFaults = 20;

const isWide = (faults: readonly Diagnostic[]): boolean =>
  faults.length > mostFaults || faults.some(({ code }) => wide.has(code));

const spansOf = ({ span, notes, fix }: Diagnostic): readonly Span[] => [
  span,
  ...notes.flatMap((note) => note.span ?? []),
  ...(fix === undefined ? [] : [fix.span]),
];

/** What is not in the window: before it and behind it. */
interface Outside<T> {
  readonly before: readonly T[];
  readonly behind: readonly T[];
}

/** Undefined where something is on both sides of an end of the window. */
function outside<T>(all: readonly T[], spans: (one: T) => readonly Span[], { low, high }: Window) {
  const found: { before: T[]; behind: T[] } = { before: [], behind: [] };
  for (const one of all) {
    const places = spans(one);
    if (places.every(({ start, end }) => start >= low && end <= high)) continue;
    if (places.every(({ end }) => end <= low)) found.before.push(one);
    else if (places.every(({ start }) => start >= high)) found.behind.push(one);
    else return undefined;
  }
  return found satisfies Outside<T>;
}

/** What the window reads as, in places of its own text. */
interface Read {
  readonly block: Block;
  readonly fresh: readonly Statement[];
  readonly faults: readonly Diagnostic[];
  readonly gaps: readonly Gap[];
  /** Characters from its text to the new one. */
  readonly by: number;
}

const headOf = ({ word, name }: Block): string => `${word}${name === undefined ? '' : ' _'} {\n`;

/** The window as a program of its own; undefined where its edges read otherwise than before. */
function readWindow(window: Window, edit: Edit, source: Source, isLast: boolean): Read | undefined {
  const { block, first, last, from, to } = window;
  const [leads, tails] = [first > 0, last < block.statements.length];
  const head = leads ? headOf(block) : '';
  const body = `${head}${source.text.slice(from, to + edit.by)}${tails ? '\n}' : ''}`;
  // What may stand in front of the next block is decided by its word.
  const { program, faults } = parseText({ path: source.path, text: isLast ? body : `${body}\ntrain {\n}` });
  const [read, ...others] = program.items;
  if (read?.kind !== 'block' || others.length !== (isLast ? 0 : 1)) return undefined;
  if (read.word !== block.word || read.span.end !== body.length || isWide(faults)) return undefined;
  const by = from - head.length;
  const { statements: found } = read;
  const at = (i: number, old: number, moved: number): boolean => isAt(found.at(i), block.statements[old], moved);
  if (leads && !(at(0, first - 1, -by) && at(1, first, -by))) return undefined;
  if (tails && !(at(-2, last - 1, edit.by - by) && at(-1, last, edit.by - by))) return undefined;
  const places = [...faults.flatMap(spansOf), ...program.gaps.map(({ span }) => span)];
  const [low, high] = [window.low - by, window.high + edit.by - by];
  if (places.some(({ start, end }) => start < low || end > high)) return undefined;
  const fresh = found.slice(leads ? 1 : 0, tails ? -1 : undefined);
  return { block: read, fresh, faults, gaps: program.gaps, by };
}

/** Whether a statement is where another was, moved. */
const isAt = (found: Statement | undefined, old: Statement | undefined, by: number): boolean =>
  found !== undefined && found.span.start === old!.span.start + by && found.span.end === old!.span.end + by;

/** Faults of one line may hide each other: whether line breaks part a block from what stands around it. */
function standsAlone(block: Block, items: readonly ProgramItem[]): boolean {
  const index = items.indexOf(block);
  const { source, start, end } = block.span;
  const [ahead, behind] = [items[index - 1], items[index + 1]];
  const parted = (from: number, to: number): boolean => source.text.slice(from, to).includes('\n');
  return (
    (ahead === undefined || parted(ahead.span.end, start)) && (behind === undefined || parted(end, behind.span.start))
  );
}

/** The block with the window's statements in their place. */
function withRead({ block, first, last }: Window, { source, by }: Move, read: Read): Block {
  const [stay, go, fresh] = [
    { source, by: 0 },
    { source, by },
    { source, by: read.by },
  ];
  const { opening, ...rest } = block;
  const said = first === 0 ? read.block.opening : opening;
  return {
    ...rest,
    span: { source, start: block.span.start, end: block.span.end + by },
    wordSpan: movedSpan(block.wordSpan, stay),
    ...(block.name === undefined ? {} : { name: moved(block.name, stay) }),
    ...(said === undefined ? {} : { opening: said }),
    statements: [
      ...block.statements.slice(0, first).map((s) => moved(s, stay)),
      ...read.fresh.map((s) => moved(s, fresh)),
      ...block.statements.slice(last).map((s) => moved(s, go)),
    ],
    closing: last < block.statements.length ? block.closing : read.block.closing,
  };
}

/** What `parseText` says of a text, from what an earlier one was read as; undefined where all must be read. */
export function reread({ program, faults }: ParsedText, source: Source): ParsedText | undefined {
  const edit = editBetween(program.span.source.text, source.text);
  const wrong = [...faults.flatMap(spansOf), ...program.gaps.map(({ span }) => span)];
  const window = isWide(faults) ? undefined : windowAround(program.items, edit, wrong);
  if (window === undefined) return undefined;
  const index = program.items.indexOf(window.block);
  const told = outside(faults, spansOf, window);
  const gaps = outside(program.gaps, ({ span }) => [span], window);
  const read = readWindow(window, edit, source, index + 1 === program.items.length);
  if (told === undefined || gaps === undefined || read === undefined) return undefined;
  const others = told.before.length + told.behind.length;
  const alone = others + gaps.before.length + gaps.behind.length === 0 || standsAlone(window.block, program.items);
  if (!alone || others + read.faults.length > mostFaults) return undefined;
  const [stay, go, fresh] = [
    { source, by: 0 },
    { source, by: edit.by },
    { source, by: read.by },
  ];
  const items = program.items.map((item, i) =>
    i === index ? withRead(window, go, read) : moved(item, i < index ? stay : go),
  );
  const all = (outer: Outside<Diagnostic>): readonly Diagnostic[] => [
    ...outer.before.map((fault) => movedFault(fault, stay)),
    ...read.faults.map((fault) => movedFault(fault, fresh)),
    ...outer.behind.map((fault) => movedFault(fault, go)),
  ];
  const left = [...movedGaps(gaps.before, stay), ...movedGaps(read.gaps, fresh), ...movedGaps(gaps.behind, go)];
  const span = { source, start: 0, end: source.text.length };
  return { program: { ...program, span, items, gaps: left }, faults: all(told) };
}

/** What `parseText` says of a text, the sooner the less it differs from an earlier text of the file. */
export const reparseText = (before: ParsedText | undefined, source: Source): ParsedText =>
  (before && reread(before, source)) ?? parseText(source);
