/**
 * Where a text could not be read: what stands there is unknown, and whatever follows from it is not to be said. Decides
 * nothing about meaning.
 */
import type { Span } from '../diagnostics/source.js';
import type { BlockWord, Program, ProgramItem, Statement } from './ast.js';

/** What is left of a program beside its gaps. */
export interface Remains {
  /** Without the statements that hold a gap. */
  readonly program: Program;
  /** Blocks that miss a statement; `items` where a whole block may be missing. */
  readonly broken: ReadonlySet<BlockWord | 'items'>;
  /** Words that may be defined in a gap. */
  readonly lost: ReadonlySet<string>;
}

/** Whether one span lies in another. */
export const holds = (outer: Span, { source, start, end }: Span): boolean =>
  outer.source.path === source.path && outer.start <= start && end <= outer.end;

const nameOf = (node: Statement | ProgramItem): readonly string[] =>
  node.kind === 'setting' || node.kind === 'let' ? [node.name.text] : [];

/** Sets the statements around gaps aside. */
export function withoutGaps(program: Program): Remains {
  const { gaps } = program;
  const lost = new Set(gaps.flatMap(({ words }) => words));
  const broken = new Set<BlockWord | 'items'>();
  const isWhole = (node: Statement | ProgramItem): boolean => {
    if (!gaps.some(({ span }) => holds(node.span, span))) return true;
    for (const name of nameOf(node)) lost.add(name);
    return false;
  };
  const items = program.items.flatMap((item): readonly ProgramItem[] => {
    if (item.kind !== 'block') return item.kind !== 'let' || isWhole(item) ? [item] : [];
    const statements = item.statements.filter(isWhole);
    if (gaps.some(({ span }) => holds(item.span, span))) broken.add(item.word);
    return [{ ...item, statements }];
  });
  const blocks = program.items.filter((item) => item.kind === 'block' || item.kind === 'let');
  if (gaps.some(({ span }) => !blocks.some((block) => holds(block.span, span)))) broken.add('items');
  return { program: { ...program, items }, broken, lost };
}
