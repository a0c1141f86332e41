/**
 * Trees and faults at another place of another text: what an edit leaves as it is need not be read again. The text at
 * the new place is the same; nothing but places changes.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Source, Span } from '../diagnostics/source.js';
import type * as ast from './ast.js';

/** Where something goes: `by` characters further on, in `source`. */
export interface Move {
  readonly source: Source;
  readonly by: number;
}

export const movedSpan = ({ start, end }: Span, { source, by }: Move): Span => ({
  source,
  start: start + by,
  end: end + by,
});

type Leaf = Exclude<ast.Expression, ast.Name | ast.ListLiteral | ast.Call>;
const leaf = <N extends Leaf>(node: N, to: Move): N => ({ ...node, span: movedSpan(node.span, to) });

const each = <N extends ast.Node>(nodes: readonly N[], to: Move): readonly N[] => nodes.map((node) => moved(node, to));

type Movers = { readonly [K in ast.NodeKind]: (node: ast.NodeOf<K>, to: Move) => ast.NodeOf<K> };
const movers: Movers = {
  program: (n, to) => ({ ...n, span: movedSpan(n.span, to), items: each(n.items, to), gaps: movedGaps(n.gaps, to) }),
  language: (n, to) => ({ ...n, span: movedSpan(n.span, to) }),
  import: (n, to) => ({ ...n, span: movedSpan(n.span, to), path: moved(n.path, to) }),
  let: (n, to) => ({ ...n, span: movedSpan(n.span, to), name: moved(n.name, to), value: moved(n.value, to) }),
  block: (n, to) => ({
    ...n,
    span: movedSpan(n.span, to),
    wordSpan: movedSpan(n.wordSpan, to),
    ...(n.name === undefined ? {} : { name: moved(n.name, to) }),
    statements: each(n.statements, to),
  }),
  setting: (n, to) => {
    const place = { span: movedSpan(n.span, to), name: moved(n.name, to), value: moved(n.value, to) };
    return n.selector === undefined ? { ...n, ...place } : { ...n, ...place, selector: moved(n.selector, to) };
  },
  rule: (n, to) => {
    const place = { span: movedSpan(n.span, to), selectors: each(n.selectors, to), method: moved(n.method, to) };
    // biome-ignore lint/suspicious/noThenProperty: `then` is the word of the language; a rule is never awaited
    const whole = { ...n, ...place, then: each(n.then, to) };
    return n.goal === undefined ? whole : { ...whole, goal: moved(n.goal, to) };
  },
  goal: (n, to) => ({ ...n, span: movedSpan(n.span, to), amount: moved(n.amount, to) }),
  selector: (n, to) => {
    const place = { span: movedSpan(n.span, to), parts: each(n.parts, to), except: each(n.except, to) };
    return n.layerKind === undefined ? { ...n, ...place } : { ...n, ...place, layerKind: moved(n.layerKind, to) };
  },
  part: (n, to) => ({ kind: 'part', span: movedSpan(n.span, to), alternatives: each(n.alternatives, to) }),
  argument: (n, to) => {
    const place = { span: movedSpan(n.span, to), value: moved(n.value, to) };
    return n.name === undefined ? { ...n, ...place } : { ...n, ...place, name: moved(n.name, to) };
  },
  name: (n, to) => ({ kind: 'name', span: movedSpan(n.span, to), text: n.text }),
  number: leaf,
  ratio: leaf,
  percent: leaf,
  shape: leaf,
  factor: leaf,
  size: leaf,
  time: leaf,
  clock: leaf,
  period: leaf,
  boolean: leaf,
  string: leaf,
  list: (n, to) => ({ kind: 'list', span: movedSpan(n.span, to), items: each(n.items, to) }),
  call: (n, to) => ({
    kind: 'call',
    span: movedSpan(n.span, to),
    callee: moved(n.callee, to),
    args: each(n.args, to),
  }),
};

/** The node with all that is in it, elsewhere. */
export const moved = <N extends ast.Node>(node: N, to: Move): N =>
  (movers[node.kind] as (node: ast.Node, to: Move) => ast.Node)(node, to) as N;

export const movedGaps = (gaps: readonly ast.Gap[], to: Move): readonly ast.Gap[] =>
  gaps.map(({ span, words }) => ({ span: movedSpan(span, to), words }));

/** A fault with its notes and its fix, elsewhere. */
export function movedFault(fault: Diagnostic, to: Move): Diagnostic {
  const notes = fault.notes.map((note) =>
    note.span === undefined ? note : { ...note, span: movedSpan(note.span, to) },
  );
  const placed = { ...fault, span: movedSpan(fault.span, to), notes };
  return fault.fix === undefined ? placed : { ...placed, fix: { ...fault.fix, span: movedSpan(fault.fix.span, to) } };
}
