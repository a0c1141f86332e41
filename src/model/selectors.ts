/**
 * Resolves selectors, `lstm rnn*.input.{i,f} except rnn2`, to the weights they name. A weight is one gate of one
 * column block of one layer; a part of a path that is left out selects all. Decides nothing about methods.
 */
import { refuseLater } from '../arguments/later.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { MatrixFamily } from '../layers/layer.js';
import { findLayer, layers as knownLayers, laterLayers } from '../layers/layers.js';
import { listedWords } from '../support/listed.js';
import { suggestion } from '../support/suggest.js';
import type { Name, Selector } from '../syntax/ast.js';
import type { DefinedLayer } from './definitions.js';
import { compressError } from './messages.js';

/** One gate of one column block. */
export interface Cell {
  readonly gate: number;
  readonly block: number;
}

/** What a selector names of one layer. */
export interface Selected {
  readonly layer: DefinedLayer;
  readonly cells: readonly Cell[];
  /** `.input` or `.recurrent` was named: the column blocks are stored each by itself. */
  readonly split: boolean;
}

/** Gates of a family, 1 where there are no names. */
export const gateCount = (family: MatrixFamily): number => Math.max(1, family.gates.length);

/** By gates and column blocks: layers of a kind have the same. */
const knownCells = new Map<number, readonly Cell[]>();

/** All cells of a layer; none where it has no matrix. */
export function cellsOf({ shape: { family } }: DefinedLayer): readonly Cell[] {
  if (family === undefined) return [];
  const [gates, blocks] = [gateCount(family), family.columns.length];
  const key = gates * 2 ** 20 + blocks;
  const known = knownCells.get(key);
  if (known !== undefined) return known;
  const each = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);
  const cells = each(gates).flatMap((gate) => each(blocks).map((block) => ({ gate, block })));
  knownCells.set(key, cells);
  return cells;
}

/** Parts of a path, in their order. */
const roles = ['layer', 'index', 'direction', 'block', 'gate'] as const;

interface Component {
  readonly word: string;
  readonly role: (typeof roles)[number];
}

/** The full path of a cell: `rnn1`, `2`, `backward`, `input`, `f`. */
function componentsOf({ definition, index, shape }: DefinedLayer, cell: Cell): readonly Component[] {
  const block = shape.family?.parts[cell.block];
  const gate = shape.family?.gates[cell.gate];
  return [
    { word: definition, role: 'layer' },
    ...(index === undefined ? [] : [{ word: String(index), role: 'index' } as const]),
    ...(shape.direction === undefined ? [] : [{ word: shape.direction, role: 'direction' } as const]),
    ...(block === undefined ? [] : [{ word: block, role: 'block' } as const]),
    ...(gate === undefined ? [] : [{ word: gate, role: 'gate' } as const]),
  ];
}

const matches = (pattern: string, word: string): boolean =>
  // Most patterns are plain words.
  pattern.includes('*') ? asGlob(pattern).test(word) : pattern === word;
const asGlob = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\-]/g, '\\$&').replaceAll('*', '.*')}$`);

/** The layers of a model, found by the first part of a path. */
export class Selectable {
  readonly all: readonly DefinedLayer[];
  readonly #named = new Map<string, DefinedLayer[]>();

  constructor(all: readonly DefinedLayer[]) {
    this.all = all;
    for (const layer of all) {
      const same = this.#named.get(layer.definition);
      if (same === undefined) this.#named.set(layer.definition, [layer]);
      else same.push(layer);
    }
  }

  /** In the order of the model. Most rules name one layer: they meet no other. */
  matching(alternatives: readonly Name[]): readonly DefinedLayer[] {
    const [first, ...others] = alternatives;
    if (first !== undefined && others.length === 0 && !first.text.includes('*'))
      return this.#named.get(first.text) ?? [];
    return this.all.filter((layer) => alternatives.some((a) => matches(a.text, layer.definition)));
  }
}

interface Match {
  readonly split: boolean;
  /** The alternatives that matched, one per part. */
  readonly used: readonly Name[];
  readonly depth: number;
}

/** Matches the parts in order, each against the first component that fits; the first must be the layer's name. */
function matchPath({ parts }: Selector, components: readonly Component[]): Match {
  let at = 0;
  let split = false;
  const used: Name[] = [];
  for (const [i, part] of parts.entries()) {
    const end = i === 0 ? 1 : components.length;
    let found: Name | undefined;
    while (found === undefined && at < end) {
      const component = components[at++]!;
      found = part.alternatives.find((a) => matches(a.text, component.word));
      if (found !== undefined && component.role === 'block' && found.text !== '*') split = true;
    }
    if (found === undefined) return { split, used, depth: i };
    used.push(found);
  }
  return { split, used, depth: parts.length };
}

const textOf = ({ span }: Selector): string => span.source.text.slice(span.start, span.end);

class Selection {
  readonly #selector: Selector;
  readonly #layers: Selectable;
  readonly #report: Report;

  constructor(selector: Selector, layers: Selectable, report: Report) {
    this.#selector = selector;
    this.#layers = layers;
    this.#report = report;
  }

  run(): readonly Selected[] | undefined {
    const { layerKind, except } = this.#selector;
    if (layerKind !== undefined && !this.#knowsKind(layerKind)) return undefined;
    const used = new Set<Name>();
    const near = this.#layers.matching(this.#selector.parts[0]!.alternatives);
    const found = near.flatMap((layer) => this.#selectFrom(layer, used));
    if (found.length === 0 || !this.#allUsed(used)) {
      this.#reportNothing(used);
      return undefined;
    }
    if (except.length === 0) return found;
    const removed = except.map((selector) => select(selector, this.#layers, this.#report));
    if (removed.includes(undefined)) return undefined;
    const left = without(
      found,
      removed.flatMap((r) => r ?? []),
    );
    if (left.length > 0) return left;
    const hint = '`except` leaves nothing: select more, or except less';
    this.#report(compressError('matches-nothing', this.#selector.span, { text: textOf(this.#selector), hint }));
    return undefined;
  }

  #selectFrom(layer: DefinedLayer, used: Set<Name>): readonly Selected[] {
    const { layerKind } = this.#selector;
    if (layerKind !== undefined && layer.kind !== layerKind.text) return [];
    const [head, ...more] = this.#selector.parts;
    if (head !== undefined && more.length === 0) return this.#selectWhole(layer, head.alternatives, used);
    let split = false;
    const cells = cellsOf(layer).filter((cell) => {
      const match = matchPath(this.#selector, componentsOf(layer, cell));
      if (match.depth < this.#selector.parts.length) return false;
      for (const name of match.used) used.add(name);
      split ||= match.split;
      return true;
    });
    return cells.length === 0 ? [] : [{ layer, cells, split }];
  }

  /** A path that is a name alone, as most are: all that the layer has. */
  #selectWhole(layer: DefinedLayer, alternatives: readonly Name[], used: Set<Name>): readonly Selected[] {
    const cells = cellsOf(layer);
    const name = cells.length === 0 ? undefined : alternatives.find((a) => matches(a.text, layer.definition));
    if (name === undefined) return [];
    used.add(name);
    return [{ layer, cells, split: false }];
  }

  #allUsed(used: ReadonlySet<Name>): boolean {
    return this.#selector.parts.every((part) => part.alternatives.every((a) => used.has(a)));
  }

  #knowsKind(kind: Name): boolean {
    if (findLayer(kind.text) !== undefined) return true;
    const words = knownLayers.map((l) => l.word);
    if (laterLayers.includes(kind.text)) {
      refuseLater(`the layer \`${kind.text}\``, 'select the layers of the model', kind.span, this.#report);
    } else {
      // A rule may begin with a keyword that is misspelt.
      const fill = { word: kind.text, suggestion: suggestion(kind.text, [...words, 'override']) };
      this.#report(compressError('unknown-kind', kind.span, fill));
    }
    return false;
  }

  /** The first part that fits nothing behind the parts in front of it. */
  #reportNothing(used: ReadonlySet<Name>): void {
    const { parts, layerKind, span } = this.#selector;
    const paths = this.#layers.all
      .filter((l) => layerKind === undefined || l.kind === layerKind.text)
      .flatMap((layer) => cellsOf(layer).map((cell) => componentsOf(layer, cell)));
    const depth = Math.max(0, ...paths.map((p) => matchPath(this.#selector, p).depth));
    const part = parts[Math.min(depth, parts.length - 1)];
    const wrong = part?.alternatives.find((a) => !used.has(a)) ?? this.#firstUnused(used);
    if (wrong === undefined) {
      const hint = `there are ${this.#choices(paths, 0)}`;
      this.#report(compressError('matches-nothing', span, { text: textOf(this.#selector), hint }));
      return;
    }
    const position = parts.findIndex((p) => p.alternatives.includes(wrong));
    if (this.#reportKnownWord(wrong, position)) return;
    const reached = paths.filter((p) => matchPath(this.#selector, p).depth >= Math.min(position, depth));
    const words = this.#words(reached, position);
    const near = suggestion(wrong.text, words);
    const meant = near.near !== undefined && !/^\d+$/.test(wrong.text);
    const hint = this.#instead(wrong, position) ?? (meant ? near : `there are ${this.#choices(reached, position)}`);
    const text = position === 0 && parts.length > 1 ? wrong.text : textOf(this.#selector);
    this.#report({ ...compressError('matches-nothing', wrong.span, { text, hint }), choices: words });
  }

  /** What selects what was probably meant: a kind in the place of a name, a part of a layer with one matrix. */
  #instead({ text }: Name, position: number): string | undefined {
    const layer = this.#layers.all.find((l) => l.definition === this.#selector.parts[0]!.alternatives[0]?.text);
    const plain = layer?.shape.family?.gates.length === 0 && layer.shape.family.parts.length === 0;
    if (position > 0) return plain ? `write \`${layer.definition}\` alone: it has one matrix` : undefined;
    const kind = text.replace(/\*+$/, '');
    const exists = this.#layers.all.some((l) => l.kind === kind && l.shape.family !== undefined);
    return exists ? `write \`${kind} *\` for all layers of this kind` : undefined;
  }

  #firstUnused(used: ReadonlySet<Name>): Name | undefined {
    return this.#selector.parts.flatMap((p) => p.alternatives).find((a) => !used.has(a));
  }

  #words(paths: readonly (readonly Component[])[], position: number): readonly string[] {
    const components = paths.flatMap((p) => (position === 0 ? p.slice(0, 1) : p.slice(1)));
    const inOrder = roles.flatMap((role) => components.filter((c) => c.role === role));
    // What stands in front of the part has been said.
    const said = this.#selector.parts.slice(1, position).flatMap((p) => p.alternatives.map((a) => a.text));
    return [...new Set(inOrder.map((c) => c.word))].filter((word) => !said.includes(word));
  }

  #choices(paths: readonly (readonly Component[])[], position: number): string {
    return listedWords(this.#words(paths, position)) || 'no weights';
  }

  /** Words that exist, but name no matrix: an input, an embedding, a bias, a direction. */
  #reportKnownWord(name: Name, position: number): boolean {
    if (position === 0) {
      const layer = this.#layers.all.find((l) => l.definition === name.text && l.shape.family === undefined);
      if (layer === undefined) return false;
      const hint = `select a layer with a matrix, such as ${this.#choices(this.#paths(), 0)}`;
      this.#report(compressError('no-weights', name.span, { name: name.text, kind: `\`${layer.kind}\``, hint }));
      return true;
    }
    if (['forward', 'backward'].includes(name.text)) {
      const leave = `leave \`.${name.text}\` out`;
      const hint = `${leave}, or write \`bidirectional=yes\` in the layer: it walks in one direction`;
      this.#report(compressError('matches-nothing', name.span, { text: textOf(this.#selector), hint }));
      return true;
    }
    if (!this.#layers.all.some((l) => Object.hasOwn(l.shape.tensors, name.text))) return false;
    refuseLater(`a method for \`${name.text}\` alone`, 'select the matrices of a layer', name.span, this.#report);
    return true;
  }

  #paths(): readonly (readonly Component[])[] {
    return this.#layers.all.flatMap((layer) => cellsOf(layer).map((cell) => componentsOf(layer, cell)));
  }
}

function without(found: readonly Selected[], removed: readonly Selected[]): readonly Selected[] {
  const cellsOfLayer = new Map<DefinedLayer, Cell[]>(removed.map(({ layer }) => [layer, []]));
  for (const { layer, cells } of removed) cellsOfLayer.get(layer)!.push(...cells);
  const isRemoved = (layer: DefinedLayer, { gate, block }: Cell): boolean =>
    cellsOfLayer.get(layer)?.some((c) => c.gate === gate && c.block === block) === true;
  return found
    .map((s) => ({ ...s, cells: s.cells.filter((cell) => !isRemoved(s.layer, cell)) }))
    .filter((s) => s.cells.length > 0);
}

/** What a selector names, or undefined when it names nothing or something unknown: that is reported. */
export const select = (selector: Selector, layers: Selectable, report: Report): readonly Selected[] | undefined =>
  new Selection(selector, layers, report).run();
