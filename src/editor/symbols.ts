/** The names a program defines, layers and constants, and every place that uses each: for definition and rename. */
import type { Span } from '../diagnostics/source.js';
import type { Block, Expression, Name, Program, Selector } from '../syntax/ast.js';
import { allNodes } from './nodes.js';

export interface Symbol {
  readonly kind: 'layer' | 'constant';
  readonly name: string;
  readonly definition: Span;
  /** The definition not included. */
  readonly uses: readonly Span[];
}

/** Names that stand as values in an expression. */
function valueNames(e: Expression): readonly Name[] {
  if (e.kind === 'name') return [e];
  if (e.kind === 'list') return e.items.flatMap(valueNames);
  return e.kind === 'call' ? e.args.flatMap((a) => valueNames(a.value)) : [];
}

/** The first words of a selector's path, and of those it excepts. */
const layerNames = ({ parts, except }: Selector): readonly Name[] => [
  ...(parts[0]?.alternatives ?? []),
  ...except.flatMap(layerNames),
];

const blocksOf = (program: Program): readonly Block[] => program.items.filter((item) => item.kind === 'block');

function values(program: Program): readonly Expression[] {
  return program.items.flatMap((item): readonly Expression[] => {
    if (item.kind === 'let') return [item.value];
    if (item.kind !== 'block') return [];
    return item.statements.flatMap((s) => (s.kind === 'setting' ? [s.value] : [s.method, ...s.then]));
  });
}

function layers(program: Program): readonly Symbol[] {
  const settings = blocksOf(program)
    .filter((block) => block.word === 'model')
    .flatMap((block) => block.statements.filter((s) => s.kind === 'setting'));
  const inModel = settings.flatMap((s) => valueNames(s.value));
  const selected = allNodes(program)
    .filter((node) => node.kind === 'selector')
    .flatMap(layerNames);
  const names = [...new Map(settings.map((s) => [s.name.text, s.name])).values()];
  return names.map((name) => ({
    kind: 'layer',
    name: name.text,
    definition: name.span,
    uses: [...new Set([...inModel, ...selected])].filter((use) => use.text === name.text).map((use) => use.span),
  }));
}

function constants(program: Program, taken: ReadonlySet<string>): readonly Symbol[] {
  const used = values(program).flatMap(valueNames);
  return program.items.flatMap((item): readonly Symbol[] => {
    if (item.kind !== 'let' || taken.has(item.name.text)) return [];
    const { text, span } = item.name;
    const uses = used.filter((name) => name.text === text).map((name) => name.span);
    return [{ kind: 'constant', name: text, definition: span, uses }];
  });
}

export function symbolsOf(program: Program): readonly Symbol[] {
  const defined = layers(program);
  return [...defined, ...constants(program, new Set(defined.map((s) => s.name)))];
}

/** The symbol whose definition or use stands at a place. */
export function symbolAt(program: Program, path: string, offset: number): Symbol | undefined {
  const holds = ({ source, start, end }: Span): boolean => source.path === path && start <= offset && offset <= end;
  return symbolsOf(program).find(({ definition, uses }) => [definition, ...uses].some(holds));
}
