/** The syntax tree as indented text, for golden files and for comparing two trees: kinds and values, no spans. */
import type * as ast from './ast.js';

interface Shown {
  readonly label: string;
  readonly inner?: readonly (ast.Node | string)[];
}
type Rows = { readonly [K in ast.NodeKind]: (node: ast.NodeOf<K>) => Shown };

const leaf = (kind: string, value: string | number | boolean): Shown => ({ label: `${kind} ${value}` });
const present = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);
const comment = (role: string, text: string): string => `${role} ${JSON.stringify(text)}`;
const trivia = ({ before, after }: ast.Trivia): readonly string[] => [
  ...before.map((text) => comment('before', text)),
  ...present(after).map((text) => comment('after', text)),
];
const closing = (comments: readonly string[]): readonly string[] => comments.map((text) => comment('closing', text));

const rows: Rows = {
  program: (n) => ({ label: 'program', inner: [...n.items, ...closing(n.closing)] }),
  language: (n) => ({ label: `language ${n.version}`, inner: trivia(n.trivia) }),
  import: (n) => ({ label: 'import', inner: [...trivia(n.trivia), n.path] }),
  let: (n) => ({ label: `let ${n.name.text}`, inner: [...trivia(n.trivia), n.value] }),
  block: (n) => ({
    label: ['block', n.word, ...present(n.name?.text)].join(' '),
    inner: [
      ...trivia(n.trivia),
      ...present(n.opening).map((text) => comment('opening', text)),
      ...n.statements,
      ...closing(n.closing),
    ],
  }),
  setting: (n) => ({
    label: `setting ${n.name.text}`,
    inner: [...trivia(n.trivia), ...present(n.selector), n.value],
  }),
  rule: (n) => ({
    label: n.override ? 'override rule' : 'rule',
    inner: [...trivia(n.trivia), ...n.selectors, n.method, ...present(n.goal), ...n.then],
  }),
  goal: (n) => ({ label: ['goal', n.unit, ...(n.together ? ['together'] : [])].join(' '), inner: [n.amount] }),
  selector: (n) => ({
    label: ['selector', ...present(n.layerKind?.text)].join(' '),
    inner: [...n.parts, ...n.except.flatMap((other) => ['except', other])],
  }),
  part: (n) => ({ label: `part ${n.alternatives.map((name) => name.text).join(' | ')}` }),
  argument: (n) => ({ label: ['argument', ...present(n.name?.text)].join(' '), inner: [n.value] }),
  name: (n) => leaf('name', n.text),
  number: (n) => leaf(n.integer ? 'integer' : 'real', n.text),
  ratio: (n) => leaf('ratio', `${n.text} = ${n.value}`),
  percent: (n) => leaf('percent', `${n.text} = ${n.value}`),
  shape: (n) => leaf('shape', n.dimensions.join(' x ')),
  factor: (n) => leaf('factor', `${n.text} = ${n.value}`),
  size: (n) => leaf('size', `${n.text} = ${n.value} B`),
  time: (n) => leaf('time', `${n.text} = ${n.value} s`),
  clock: (n) => leaf('clock', `${n.text} = ${n.value} Hz`),
  period: (n) => leaf('period', `${n.value} ${n.unit}`),
  boolean: (n) => leaf('boolean', n.value),
  string: (n) => leaf('string', JSON.stringify(n.value)),
  list: (n) => ({ label: 'list', inner: n.items }),
  call: (n) => ({ label: `call ${n.callee.text}`, inner: n.args }),
};

function lines(node: ast.Node | string, indent: string): string[] {
  if (typeof node === 'string') return [indent + node];
  const { label, inner = [] } = (rows[node.kind] as (node: ast.Node) => Shown)(node);
  return [indent + label, ...inner.flatMap((child) => lines(child, `${indent}  `))];
}

/** One line for each node, two blanks deeper than its parent. */
export const dumpAst = (program: ast.Program): string => `${lines(program, '').join('\n')}\n`;

/** The tree without comments and blank lines: the same for programs that mean the same. */
export const dumpMeaning = (program: ast.Program): string =>
  dumpAst({ ...program, closing: [] })
    .split('\n')
    .filter((line) => !/^ *(before|after|opening|closing) "/.test(line))
    .join('\n');
