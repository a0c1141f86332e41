/**
 * The pages of `docs/methods/`, from the methods' own descriptions: law, arguments, counts, when to use, and a worked
 * example whose numbers the compiler solves. Reads no file.
 */
import type { Method } from '../methods/method.js';
import { methods } from '../methods/methods.js';
import type { Model } from '../model/model.js';
import { smallDescription } from '../model/small-description.js';
import { type RuleSummary, summarizeRules } from '../model/summary.js';
import { bytes, count, factor, sparsityPercent } from '../support/units.js';
import { wrapWords } from '../support/wrap.js';
import { inCell, pageWidth } from './markdown.js';
import { printValue } from './print-value.js';
import { change } from './summary-table.js';

/** The checked model of a program text. */
export type Compile = (text: string) => Model;

/** A page by its file name. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

type Described = Pick<Method, 'name' | 'summary' | 'law' | 'source' | 'schema' | 'guide'>;

/** The medium PTB model of Zaremba et al. 2014, one of its LSTMs under a rule. */
const program = (rule: string): string => `model ptb {
  tokens = ids(vocab=10000)
  embed  = embedding(tokens, 650)
  rnn1   = lstm(embed, 650)
  rnn2   = lstm(rnn1, 650)
  next   = softmax(rnn2, 10000)
}
compress { ${rule} }`;

function argumentRows({ schema }: Described): readonly string[] {
  const rows = Object.entries(schema).map(([name, { doc, expects, fallback, named }]) => {
    const left = fallback === undefined ? 'required' : printValue(fallback.value);
    return `| \`${name}\` | ${inCell(doc)} | ${inCell(expects)}${named === true ? '; only by name' : ''} | ${left} |`;
  });
  if (rows.length === 0) return ['It has no arguments.'];
  return ['| argument | what | expects | left out |', '|---|---|---|---|', ...rows];
}

function solvedText({ units, kept, elements }: RuleSummary): string {
  const [unit] = units;
  const given = (unit?.arguments ?? []).map(({ name, value }) => `${name}=${value}`);
  const sparsity = elements === 0 ? [] : [`sparsity=${sparsityPercent(kept, elements)}`];
  return [...given, ...sparsity].join(' ') || 'nothing to solve';
}

function exampleRows(rule: string, compile: Compile): readonly string[] {
  const found = summarizeRules(compile(program(rule)));
  const rows = found.map((row) => {
    const { before, after } = row;
    const sizes = [change(count(before.parameters), count(after.parameters)), factor(row.factor)];
    const stored = [change(bytes(before.bytes), bytes(after.bytes)), change(count(before.macs), count(after.macs))];
    return `| ${[row.layer, solvedText(row), ...sizes, ...stored].join(' | ')} |`;
  });
  return [
    '```cmp',
    `compress {\n  ${rule}\n}`,
    '```',
    '',
    '| layer | solved | parameters | factor | bytes | multiply-adds |',
    '|---|---|---|---|---|---|',
    ...rows,
  ];
}

function pageOf(method: Described, compile: Compile): Page {
  const { name, summary, law, source, guide } = method;
  const lines = [
    `# ${name}`,
    '',
    `${summary[0]!.toUpperCase()}${summary.slice(1)}.`,
    '',
    '| | |',
    '|---|---|',
    `| law | ${inCell(law)} |`,
    `| parameters | ${guide.parameters} |`,
    `| multiply-adds for one x | ${guide.multiplyAdds} |`,
    `| source | ${source} |`,
    '',
    '## Arguments',
    '',
    ...argumentRows(method),
    '',
    '## When to use it',
    '',
    ...wrapWords(guide.use, pageWidth),
    '',
    '## Example',
    '',
    'On an LSTM of the medium PTB model (four gates of 650x1300, biases included):',
    '',
    ...exampleRows(guide.example, compile),
  ];
  return { path: `${name}.md`, text: `${lines.join('\n')}\n` };
}

/** All pages, the index among them. */
export function methodPages(compile: Compile): readonly Page[] {
  const all: readonly Described[] = [...methods, smallDescription];
  const index = [
    '# Methods',
    '',
    'Made by `node scripts/print-methods.mjs` from the descriptions in the sources; the compiler solves every number.',
    '',
    '| method | what | law |',
    '|---|---|---|',
    ...all.map(({ name, summary, law }) => `| [${name}](${name}.md) | ${summary} | ${inCell(law)} |`),
  ];
  return [{ path: 'README.md', text: `${index.join('\n')}\n` }, ...all.map((method) => pageOf(method, compile))];
}
