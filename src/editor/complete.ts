/**
 * What may stand at a place: only what is legal there. A word that no program holds is put at the place, the program is
 * checked, and the words that the checker would have taken are the answer: there is no second list of them.
 */
import { findLayer } from '../layers/layers.js';
import { findMethod } from '../methods/methods.js';
import { sweepDoc } from '../model/sweep-axes.js';
import type { Node } from '../syntax/ast.js';
import type { ReadText } from '../syntax/load.js';
import { type Analysis, analyze } from './analysis.js';
import { nodesAt } from './nodes.js';

export interface Completion {
  readonly word: string;
  /** What it is for. */
  readonly doc: string | undefined;
  /** It is the name of an argument or a setting: `=` follows. */
  readonly isName: boolean;
}

const probe = 'qzqzqzqzqzqzqzqzqzqzqz';
const topLevel = ['language', 'let', 'import', 'model', 'compress', 'train', 'emit', 'sweep'];

interface Place {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly readText: ReadText;
}

/** The text in front of a place without comments and strings, as far as brackets go. */
const bare = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"[^"\n]*"/g, ' ');

/** Whether a place lies in a comment or a string. */
function isProse(before: string): boolean {
  const open = before.replace(/\/\*[\s\S]*?\*\/|"[^"\n]*"/g, ' ');
  return open.includes('/*') || /(\/\/|")[^\n]*$/.test(open);
}

/** Brackets that are open in front of a place, closed: `)` and `]` of this statement, `}` of its block. */
function closers(before: string): { readonly inStatement: string; readonly depth: number } {
  const open: string[] = [];
  for (const character of bare(before)) {
    if ('([{'.includes(character)) open.push(character);
    else if (')]}'.includes(character)) open.pop();
  }
  const block = open.lastIndexOf('{');
  const inStatement = open
    .slice(block + 1)
    .reverse()
    .map((character) => (character === '(' ? ')' : ']'))
    .join('');
  return { inStatement, depth: block };
}

interface Probed {
  readonly analysis: Analysis;
  readonly choices: readonly string[];
}

/** The words the checker would take in place of the probe. */
function probed(text: string, { path, readText }: Place, at: number): Probed | undefined {
  const analysis = analyze(path, text, readText);
  const found = analysis.diagnostics.find(
    ({ span, choices }) => choices !== undefined && span.source.path === path && span.start === at,
  );
  return found?.choices === undefined ? undefined : { analysis, choices: found.choices };
}

/** What the word is for: a layer, a method, or an argument of the call or block around it. */
function docOf(word: string, { analysis }: Probed, at: number): string | undefined {
  const around = nodesAt(analysis.program, analysis.path, at);
  const owner = around.findLast(
    (node: Node) => (node.kind === 'call' && node.callee.text !== probe) || node.kind === 'block',
  );
  const span = owner?.kind === 'call' ? owner.callee.span : owner?.kind === 'block' ? owner.wordSpan : undefined;
  const parameter = span && analysis.schemaAt(span)?.[word];
  if (parameter !== undefined) return `${parameter.doc}; ${parameter.expects}`;
  const block = around.find((node) => node.kind === 'block');
  if (block?.kind !== 'block') return undefined;
  if (block.word === 'sweep') return sweepDoc(word) ?? findMethod(word)?.summary;
  return block.word === 'compress' ? findMethod(word)?.summary : findLayer(word)?.summary;
}

/** Forms in which a word can stand, and whether it is then a name that `=` follows. */
const forms: readonly (readonly [head: string, tail: string, isName: boolean])[] = [
  ['', '', false],
  ['', '()', false],
  ['', '=1', true],
  ['', ' = 1', true],
  ['', ': dense', false],
  ['', '.to = [2x]', false],
  ['', ' {}', false],
];

/** Everything legal at `offset`, in the order of the language; [] in comments and strings. */
export function complete(path: string, text: string, offset: number, readText: ReadText): readonly Completion[] {
  const start = offset - /[A-Za-z_][\w-]*$|$/.exec(text.slice(0, offset))![0].length;
  const rest = /^[\w-]*/.exec(text.slice(offset))![0].length;
  const place = { path, before: text.slice(0, start), after: text.slice(offset + rest), readText };
  if (isProse(place.before)) return [];
  const { inStatement, depth } = closers(place.before);
  if (depth < 0 && /(^|\n)\s*$/.test(bare(place.before))) {
    return topLevel.map((word) => ({ word, doc: undefined, isName: false }));
  }
  // The rest of a line that is being typed is seldom whole: closing what is open is tried where it does not parse.
  const closed = `${inStatement}\n${place.after.replace(/^[^\n]*/, '')}${place.after.includes('}') ? '' : '\n}'}`;
  const found = new Map<string, Completion>();
  for (const [head, tail, isName] of forms) {
    const made = [place.after, closed].map((after) => `${place.before}${head}${probe}${tail}${after}`);
    const hit = made.map((candidate) => probed(candidate, place, start)).find((h) => h !== undefined);
    for (const word of hit?.choices ?? []) {
      if (!found.has(word)) found.set(word, { word, doc: docOf(word, hit!, start), isName });
    }
  }
  return [...found.values()];
}
