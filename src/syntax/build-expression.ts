/** Concrete tree to abstract tree: values, calls and selectors. Literals are read silently; `parse.ts` reports them. */
import type { CstNode, IToken } from 'chevrotain';
import type { Report } from '../diagnostics/diagnostic.js';
import { cover, type Source, type Span } from '../diagnostics/source.js';
import { defined } from '../support/assert.js';
import type { Argument, Call, Expression, Name, PathPart, Selector } from './ast.js';
import type * as cst from './cst.js';
import { readLiteral } from './literals.js';
import { syntaxError } from './messages.js';
import { tokenSpan } from './places.js';

/** What a builder reads and where it reports. */
export interface Building {
  readonly source: Source;
  readonly report: Report;
}

/** The one child that the grammar promises. */
export const one = <T>(children: readonly T[] | undefined): T => defined(children?.[0], 'child of a whole tree');

export function nodeSpan(source: Source, { location }: CstNode): Span {
  const { startOffset, endOffset } = defined(location, 'location of a node');
  return { source, start: startOffset, end: defined(endOffset, 'end of a node') + 1 };
}

export const name = (source: Source, token: IToken): Name => ({
  kind: 'name',
  span: tokenSpan(source, token),
  text: token.image,
});

export function buildValue(source: Source, { children }: cst.ValueCstNode): Expression {
  const token = children.literal?.[0];
  if (token !== undefined) {
    const read = readLiteral(token.tokenType.name, token.image, tokenSpan(source, token));
    return defined(read, 'reader of a literal').expression;
  }
  const list = children.list?.[0];
  if (list !== undefined) {
    const items = (list.children.value ?? []).map((item) => buildValue(source, item));
    return { kind: 'list', span: nodeSpan(source, list), items };
  }
  const call = one(children.call);
  const bare = call.children.LeftParenthesis === undefined;
  return bare ? name(source, one(call.children.callee)) : buildCall(source, call);
}

function buildArgument(source: Source, node: cst.ArgumentCstNode): Argument {
  const value = buildValue(source, one(node.children.value));
  const token = node.children.name?.[0];
  return {
    kind: 'argument',
    span: nodeSpan(source, node),
    ...(token === undefined ? {} : { name: name(source, token) }),
    value,
  };
}

export const buildCall = (source: Source, node: cst.CallCstNode): Call => ({
  kind: 'call',
  span: nodeSpan(source, node),
  callee: name(source, one(node.children.callee)),
  args: (node.children.argument ?? []).map((argument) => buildArgument(source, argument)),
});

/** A word of a path; a number must be whole, as layers are counted. */
function pathWord({ source, report }: Building, token: IToken): Name {
  const word = name(source, token);
  const numeric = /^[-\d]/.test(word.text);
  if (numeric && !/^\d+$/.test(word.text)) report(syntaxError('index-not-whole', word.span, { text: word.text }));
  return word;
}

const part = (building: Building, words: readonly IToken[], span: Span): PathPart => ({
  kind: 'part',
  span,
  alternatives: words.map((token) => pathWord(building, token)),
});

function buildPart(building: Building, node: cst.PartCstNode): PathPart {
  const words = node.children.set?.[0]?.children.word ?? node.children.word ?? [];
  return part(building, words, nodeSpan(building.source, node));
}

function buildStep(building: Building, node: cst.StepCstNode): PathPart {
  const index = node.children.index;
  return index === undefined
    ? buildPart(building, one(node.children.part))
    : part(building, index, nodeSpan(building.source, node));
}

/** `rnn*.input.{i,f}` as its parts. */
export const buildPath = (building: Building, { children }: cst.PathCstNode): PathPart[] => [
  buildPart(building, one(children.part)),
  ...(children.step ?? []).map((step) => buildStep(building, step)),
];

function buildChoice(building: Building, node: cst.ChoiceCstNode): Selector {
  const kind = node.children.layerKind?.[0];
  return {
    kind: 'selector',
    span: nodeSpan(building.source, node),
    ...(kind === undefined ? {} : { layerKind: name(building.source, kind) }),
    parts: buildPath(building, one(node.children.path)),
    except: [],
  };
}

export function buildSelector(building: Building, node: cst.SelectorCstNode): Selector {
  const [first, ...except] = node.children.choice.map((choice) => buildChoice(building, choice));
  return { ...defined(first, 'choice of a selector'), span: nodeSpan(building.source, node), except };
}

/** `rnn*` in `rnn*.method = ...`: a selector of some parts. */
export const selectorOf = (parts: readonly PathPart[]): Selector => ({
  kind: 'selector',
  span: cover(one(parts).span, defined(parts.at(-1), 'last part').span),
  parts,
  except: [],
});
