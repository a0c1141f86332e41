/** Prints the grammar for people (EBNF) and for the compiler (types of the concrete tree). Reads the parser only. */
import { generateCstDts, type ISerializedGast, type TokenType } from 'chevrotain';
import { parser } from './parser.js';
import * as t from './tokens.js';

/** What the printer reads of chevrotain's serialized grammar, whose own types hide the parts. */
interface GrammarNode extends ISerializedGast {
  readonly name?: string;
  readonly label?: string;
  readonly separator?: { readonly name: string; readonly label?: string };
}
type Terminal = Pick<GrammarNode, 'name' | 'label'>;

const terminal = ({ name, label }: Terminal): string =>
  label?.startsWith('`') === true ? `"${label.slice(1, -1)}"` : String(name);

function ebnf(node: GrammarNode): string {
  const parts = (node.definition ?? []).map(ebnf);
  const all = parts.join(' ');
  const separated = node.separator === undefined ? '' : `${all} { ${terminal(node.separator)} ${all} }`;
  switch (node.type) {
    case 'Terminal':
      return terminal(node);
    case 'NonTerminal':
      return String(node.name);
    case 'Option':
      return `[ ${all} ]`;
    case 'Repetition':
      return `{ ${all} }`;
    case 'RepetitionMandatoryWithSeparator':
      return separated;
    case 'RepetitionWithSeparator':
      return `[ ${separated} ]`;
    case 'Alternation':
      return `( ${parts.join(' | ')} )`;
    default:
      return all;
  }
}

/** An alternation that is a whole rule needs no parentheses; its alternatives go on lines of their own. */
function ruleText(rule: GrammarNode): string {
  const [only, ...rest] = rule.definition ?? [];
  const whole = rest.length === 0 && only?.type === 'Alternation';
  const body = whole ? (only.definition ?? []).map(ebnf).join('\n  | ') : ebnf(rule);
  return `${rule.name}\n  = ${body}\n  ;`;
}

const literals = [
  t.NumberToken,
  t.Ratio,
  t.Percent,
  t.ShapeToken,
  t.Factor,
  t.Quantity,
  t.StringToken,
  t.Glob,
  t.Identifier,
  t.EquationWord,
];

/** Words that stand in one line of a list of them. */
const wordsInLine = 8;

/** The whole grammar as EBNF; terminals as regular expressions, tried in the order of `tokens.ts`. */
export function printEbnf(): string {
  const rules = parser.getSerializedGastProductions().map(ruleText);
  const words = (category: TokenType): string =>
    t.tokens
      .filter((type) => type.CATEGORIES?.includes(category) === true && type.PATTERN !== undefined)
      .filter((type) => type !== t.ForeignWord)
      .map((type) => terminal({ name: type.name, ...(type.LABEL === undefined ? {} : { label: type.LABEL }) }))
      .map((word, i) => (i > 0 && i % wordsInLine === 0 ? `\n  | ${word}` : i > 0 ? ` | ${word}` : word))
      .join('');
  const lexical = [
    `Word\n  = ${words(t.Word)}\n  ;`,
    `AnyWord\n  = ${words(t.AnyWord)}\n  ;`,
    ...literals.map((type) => `${type.name}\n  = ${String(type.PATTERN)}\n  ;`),
  ];
  const head = '(* Printed from src/syntax/parser.ts by scripts/print-grammar.mjs. Do not edit. *)';
  const middle = '(* Words and literals; comments are // to the end of the line and /* to */. *)';
  return `${[head, ...rules, middle, ...lexical].join('\n\n')}\n`;
}

/** The types of the concrete tree: `cst.ts`. */
export function printCstTypes(): string {
  const types = generateCstDts(parser.getGAstProductions(), { includeVisitorInterface: false });
  const head = '/** The concrete tree. Generated from parser.ts by scripts/print-grammar.mjs: do not edit. */\n';
  return (
    head +
    types
      .replaceAll('"', "'")
      .replace(', ICstVisitor', '')
      .replace(/\((\w+)\)\[\]/g, '$1[]')
  );
}
