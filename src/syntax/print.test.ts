import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Program, Rule, Selector, Setting } from './ast.js';
import { dumpAst } from './dump.js';
import { parse } from './parse.js';
import { printExpression, printGoal, printProgram, printRule, printSelector } from './print.js';
import { tokenize } from './tokens.js';

const example = readFileSync(new URL('../../test/syntax/ptb-medium.cmp', import.meta.url), 'utf8');

function read(text: string): Program {
  const diagnostics = new Diagnostics();
  const program = parse({ path: 'a.cmp', text }, diagnostics.report);
  expect(diagnostics.all.map((d) => `${d.code} ${d.message}`)).toEqual([]);
  return program;
}
const format = (text: string): string => printProgram(read(text));
/** The comments of a text, sorted: the formatter may move one before its statement. */
const comments = (text: string): readonly string[] =>
  tokenize(text)
    .comments.map((comment) => comment.image)
    .sort();

test('the program of the language page is formatted but for the distance of its comments', () => {
  expect(format(example)).toBe(example.replace(/ +\/\/ (?=solved|whole)/g, '  // '));
});

test('spaces, alignment, units, comments and blank lines', () => {
  const text = `

language   1
let k=[1,2.5,"a\\"b"]    // why


/* two
   lines */
model m{ // open

  a=ids( vocab = 10_000 )// behind
  longer  =  lstm(a,/* inner */650,dropout=50%)



  // last

}
compress{*:small() lstm rnn*,rnn2 . input.{ i,f } except x: hlf( 102 ,1) to 2x fewer macs together then int8( )}
emit c { }
sweep {to=[10/3x,40KB]  rnn*.method=[lmf] sparsity( lstm * except b )=yes}
// tail
`;
  expect(format(text)).toBe(
    `language 1
let k = [1, 2.5, "a\\"b"]  // why

/* two
   lines */
model m {  // open
  a      = ids(vocab=10_000)  // behind
  /* inner */
  longer = lstm(a, 650, dropout=50%)

  // last
}
compress {
  *: small
  lstm rnn*, rnn2.input.{i,f} except x: hlf(102, 1) to 2x macs together then int8
}
emit c {}
sweep {
  to                        = [10/3x, 40 KB]
  rnn*.method               = [lmf]
  sparsity(lstm * except b) = yes
}
// tail
`,
  );
});

test('long calls and lists are broken one argument to a line', () => {
  const rest = 'batch=20, unroll=35, unit=word, lower=no, vocab=10_000, extra=[1, 2]';
  expect(format(`train { data = text("${'d'.repeat(40)}", ${rest}) }`)).toBe(`train {
  data = text(
    "${'d'.repeat(40)}",
    batch=20,
    unroll=35,
    unit=word,
    lower=no,
    vocab=10_000,
    extra=[1, 2]
  )
}
`);
});

test('single nodes', () => {
  const [block] = read(
    'compress { override rnn1.{i,f}, lstm *: hlf(j=102, k=[a, "b"]) to 10/3x together then int8(per=row) }',
  ).items;
  const rule = (block?.kind === 'block' ? block.statements[0] : undefined) as Rule;
  expect(printRule(rule)).toBe(
    'override rnn1.{i,f}, lstm *: hlf(j=102, k=[a, "b"]) to 10/3x together then int8(per=row)',
  );
  expect(rule.selectors.map((s: Selector) => printSelector(s))).toEqual(['rnn1.{i,f}', 'lstm *']);
  expect(printExpression(rule.method)).toBe('hlf(j=102, k=[a, "b"])');
  expect(rule.goal === undefined ? '' : printGoal(rule.goal)).toBe('to 10/3x together');
});

test('a call without arguments is kept a call where it is a value', () => {
  const [block] = read('train { a = f()  b = f }').items;
  const settings = (block?.kind === 'block' ? block.statements : []) as readonly Setting[];
  expect(settings.map((s) => [s.value.kind, printExpression(s.value)])).toEqual([
    ['call', 'f()'],
    ['name', 'f'],
  ]);
});

/** Values, selectors and the gaps between tokens, at random from a seed. */
function pieces(seed: number) {
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const pick = (list: readonly string[]): string => list[below(list.length)]!;
  const some = (make: () => string, glue: string, least = 0): string =>
    Array.from({ length: least + below(4) }, make).join(glue);
  const gap = (): string => pick(['', ' ', '\n', '\n\n', '\n\n\n', ' // c\n', '\n/* d */\n', ' /* e\n  f */ ', '\t']);
  const space = (): string => pick(['', ' ', '  ', ' /* g */ ', '\n']);
  const name = (): string => pick(['a', 'rnn1', 'to', 'from', 'x_y', 'lstm']);
  const value = (depth: number): string => {
    if (depth > 0 && below(3) === 0) return `[${some(() => space() + value(depth - 1) + space(), ',')}]`;
    if (depth > 0 && below(2) === 0) {
      const argument = (): string => `${pick(['', `${name()}=`, `${name()} = `])}${value(depth - 1)}${space()}`;
      return `${name()}(${some(argument, `,${space()}`)})`;
    }
    const literals = '1,10_000,1e-5,-2.5,1/1.2,99.93%,13x65,25x,10/3x,1MB,64  KiB,2 ms,1.8 GHz,6 epochs,yes,"a\\n"';
    return pick([...literals.split(','), 'cortex-a73', '"// é"']);
  };
  return { pick, some, gap, space, name, value };
}

/** Selectors made of them. */
function selectors({ pick, some }: ReturnType<typeof pieces>) {
  const part = (): string => pick(['rnn1', '*', 'rnn*', '{i,f}', '{ 1, rnn* }']);
  const path = (): string => `${part()}${some(() => pick(['.2.input', '.input', '.*']), '')}`;
  const selector = (): string => `${pick(['', 'lstm '])}${path()}${pick(['', ' except rnn2', ' except lstm a.1'])}`;
  return { part, selector };
}

/** Programs with every construct, comments and odd spacing. */
function grow(seed: number): string {
  const made = pieces(seed);
  const { pick, some, gap, space, name, value } = made;
  const { part, selector } = selectors(made);
  const goal = (): string => ` to ${value(0)}${pick(['', ' macs', ' fewer macs'])}${pick(['', ' together'])}`;
  const method = (): string => `hlf(${value(1)})`;
  const tail = (): string => pick(['', goal()]) + pick(['', ` then ${method()}`]);
  const rule = (): string => `${pick(['', 'override '])}${some(selector, ', ', 1)}:${space()}${method()}${tail()}`;
  const target = (): string => pick([name(), `${name()}(${selector()})`, `${part()}.${name()}`]);
  const setting = (): string => `${target()}${space()}=${space()}${value(2)}`;
  const block = (head: string, make: () => string): string => `${head} {${gap()}${some(() => make() + gap(), '\n')}}`;
  const items = ['language 1', 'import "a.cmp"', 'let k = [1, 2 ms]', block('compress', rule), block('train', setting)];
  return gap() + [...items, block('sweep', setting), 'emit c {}'].map((item) => item + gap()).join('\n');
}

test('printing keeps meaning and comments, and printing twice changes nothing', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const text = grow(seed);
    const program = read(text);
    const printed = printProgram(program);
    const again = read(printed);
    expect(dumpAst(again)).toBe(dumpAst(program));
    expect(printProgram(again)).toBe(printed);
    expect(comments(printed)).toEqual(comments(text));
    expect(printed).not.toMatch(/[ \t]$|\n\n\n/m);
  }
});
