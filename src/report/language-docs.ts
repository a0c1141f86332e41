/**
 * `docs/language.md`, the reference of the language: what can be said in which block, with types and defaults from the
 * schemas that programs are read by. Only the sentences between the tables are written here. Reads no file.
 */
import type { Schema } from '../arguments/schema.js';
import { laterLayers, layers } from '../layers/layers.js';
import { methods } from '../methods/methods.js';
import { alternationSchemas } from '../model/alternation.js';
import { distortionSchemas } from '../model/distortion.js';
import { emitSchemas } from '../model/emit.js';
import { formatSchemas } from '../model/formats.js';
import { laterLoaders, loaderSchemas } from '../model/loaders.js';
import type { Emit, Training } from '../model/model.js';
import { initSchemas, optimizerSchemas } from '../model/optimizers.js';
import { regularizerSchemas } from '../model/regularizers.js';
import { rateSchemas, sparsitySchemas } from '../model/schedules.js';
import { smallDescription } from '../model/small-description.js';
import { stopSchemas } from '../model/stopping.js';
import { sweepWords } from '../model/sweep-axes.js';
import { trainSchema } from '../model/training.js';
import { defined } from '../support/assert.js';
import { wrapWords } from '../support/wrap.js';
import { unitWords } from '../syntax/literals.js';
import { printEbnf } from '../syntax/print-grammar.js';
import { emitSettings, type NamedText } from './emit-settings.js';
import { trainingSettings } from './explain.js';
import { inCell, pageWidth } from './markdown.js';
import type { Compile } from './method-docs.js';
import { printDefault } from './print-value.js';

/** Words and the schemas of their arguments, in the order of the language. */
type Words = Readonly<Record<string, Schema>>;

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const isRequired = (schema: Schema, name: string): boolean => schema[name]!.fallback === undefined;

/** `text(dir, [batch=], [unroll=])`: arguments in brackets may be left out, those with `=` have their names. */
function signature(word: string, schema: Schema, before: readonly string[] = []): string {
  const parts = Object.entries(schema).map(([name, { named }]) => {
    const written = named === true ? `${name}=` : name;
    return isRequired(schema, name) ? written : `[${written}]`;
  });
  return `\`${word}(${[...before, ...parts].join(', ')})\``;
}

const rowsOf = (schema: Schema): readonly (readonly string[])[] =>
  Object.entries(schema).map(([name, { doc, expects, fallback }]) => [
    `\`${name}\``,
    inCell(doc),
    inCell(expects),
    fallback === undefined ? 'required' : printDefault(expects, fallback.value),
  ]);

/** Settings of a block; what is in force where one is left out comes from a program that leaves out all. */
const settingsTable = (schema: Schema, inForce: readonly NamedText[]): string =>
  table(
    ['name', 'what', 'expects', 'left out'],
    rowsOf(schema).map(([name = '', what = '', expects = '', left = '']) => {
      const found = left === '' ? inForce.find(([word]) => `\`${word}\`` === name) : undefined;
      return [name, what, expects, found === undefined ? left : inCell(found[1])];
    }),
  );

/** One row for each argument of each word. */
const wordsTable = (words: Words): string =>
  table(
    ['word', 'argument', 'what', 'expects', 'left out'],
    Object.entries(words).flatMap(([word, schema]) => {
      const rows = rowsOf(schema);
      const first = signature(word, schema);
      return rows.length === 0 ? [[first, '', '', '', '']] : rows.map((row, i) => [i === 0 ? first : '', ...row]);
    }),
  );

const layersTable = (): string =>
  table(
    ['layer', 'what'],
    layers.map(({ word, summary, arity, schema }) => {
      const inputs = arity === 'several' ? ['x', 'y', '...'] : ['x', 'y'].slice(0, arity);
      return [signature(word, schema, inputs), inCell(summary)];
    }),
  );

const layerArguments = (): string => {
  const all = new Map<string, { readonly row: readonly string[]; readonly of: string[] }>();
  for (const { word, schema } of layers) {
    for (const row of rowsOf(schema)) {
      const key = row.join('\n');
      const known = all.get(key);
      if (known === undefined) all.set(key, { row, of: [word] });
      else known.of.push(word);
    }
  }
  return table(
    ['argument', 'of', 'what', 'expects', 'left out'],
    [...all.values()].map(({ row: [name = '', ...rest], of }) => [name, of.map((w) => `\`${w}\``).join(', '), ...rest]),
  );
};

const methodsTable = (): string =>
  table(
    ['method', 'what', 'law'],
    [...methods, smallDescription].map(({ name, summary, schema, law }) => [
      `[${signature(name, schema)}](methods/${name}.md)`,
      inCell(summary),
      inCell(law),
    ]),
  );

const list = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');

const literals = (): string =>
  table(
    ['literal', 'written', 'units'],
    [
      ['integer, real', '`650`, `10_000`, `0.5`, `1e-5`', ''],
      ['ratio', '`1/1.2`', ''],
      ['percent', '`99.93%`', ''],
      ['shape', '`13x65`, `2x3x4`', ''],
      ['factor', '`25x`, `10/3x`', ''],
      ['size', '`1 MB`, `64 KiB`', list(unitWords('size'))],
      ['time', '`2 ms`', list(unitWords('time'))],
      ['clock', '`1.8 GHz`', list(unitWords('clock'))],
      ['span of training', '`6 epochs`, `100 steps`', list(unitWords('period'))],
      ['truth value', '`yes`, `no`', ''],
      ['string', '`"ptb"`, with `\\"`, `\\\\` and `\\n`', ''],
      ['list', '`[1, 2, 3]`', ''],
    ],
  );

const lexical = `## Words and literals

A program is blocks; a block is lines \`name = value\`, and \`compress\` is lines \`selector: method\`. Line ends
mean nothing. Comments are \`// ...\` and \`/* ... */\`. Names are \`[A-Za-z_][A-Za-z0-9_]*\`; some known words hold
hyphens (\`cortex-a73\`). Every literal carries its type: a percent where a factor is meant is an error that says
so.

${literals()}

\`let name = literal\` gives a constant. \`import "base.cmp"\` brings the blocks of another file, inside the folder
of the program; a block stands once over all files, \`emit\` once for each target. \`language 1\` names the
language.`;

const model = `## model

\`model NAME { ... }\` defines layers, each used only after it is defined. A layer reads the layers named first
(\`x\`, \`y\` below). \`layers=n\` makes a stack, whose members are \`name.1\`, \`name.2\`.

${layersTable()}

${layerArguments()}`;

const compress = `## compress

    [override] SELECTOR, ...: METHOD(args) [to GOAL] [then FORMAT(args)]

**Selectors.** A path is \`layer[.n][.forward|.backward][.input|.recurrent][.gate]\`; what is left out selects all.
\`rnn*\` is a pattern, \`rnn1.input.{i,f}\` a set, \`lstm *\` a kind, \`rnn* except rnn2\` takes away. Gates are
\`i, f, g, o\` of \`lstm\` and \`r, z, n\` of \`gru\`. A recurrent layer selected as a whole is stored as the matrix
\`[input | recurrent]\` of each gate; \`.input\` and \`.recurrent\` are stored apart. Two rules for one weight are
an error unless one says \`override\`.

**Goals.** \`to 25x\`: each layer of the rule reaches the factor by itself; \`to 25x together\`: all of them as one.
\`to 40 KB\` counts stored bytes, \`to 2x macs\` multiply-adds. A goal is reached or exceeded; what the method
leaves open is solved, and \`rnnc explain\` says how. Beside a complete method a goal is a check, within 0.5%.

${methodsTable()}

**Number formats** stand behind \`then\`, alone as a rule, or as \`weights\` of an \`emit\` block.

${wordsTable(formatSchemas)}`;

const train = (training: Training): string => `## train

${settingsTable(trainSchema, trainingSettings(training))}

\`sparsity(SELECTOR) = ...\` gives some layers a road of their own.

**data**

${wordsTable(loaderSchemas)}

**optimizer**

${wordsTable(optimizerSchemas)}

**init**

${wordsTable(initSchemas)}

**Schedules** of \`lr\`, and with percents of \`dropout\`, of the weight of \`l2\` and of p of \`cmr\`; a value
alone is constant.

${wordsTable(rateSchemas)}

**sparsity**: the road of pruned weights, each to the sparsity of its own rule. Left out: \`cubic\` over the first
60% of the run.

${wordsTable(sparsitySchemas)}

**regularize** takes one or a list.

${wordsTable(regularizerSchemas)}

**alternate**, **distort** and **stop**

${wordsTable({ ...alternationSchemas, ...distortionSchemas, ...stopSchemas })}`;

const emitsText = (emits: readonly Emit[]): string =>
  emits
    .map((emit) => `\`emit ${emit.target}\`\n\n${settingsTable(emitSchemas[emit.target], emitSettings(emit))}`)
    .join('\n\n');

const rest = (emits: readonly Emit[]): string => `## emit

One block for each target. Left out: NEON and portable C with these defaults.

${emitsText(emits)}

## sweep

${wrapWords(`Lists of what is varied: ${list(sweepWords)}. See [sweeps](sweeps.md).`, pageWidth).join('\n')}

## Refused by name

Words that the language keeps for later are refused as \`not-in-this-version\`, never read and ignored: the layers
${list(laterLayers)}, the loader ${list(laterLoaders)}.

## Grammar

\`\`\`ebnf
${printEbnf().trimEnd()}
\`\`\``;

const head = `# The language

Made by \`node scripts/print-language.mjs\` from the schemas that programs are read by; a test fails when they
differ. An argument whose name ends in \`=\` is given by name, one in brackets may be left out.
[Tutorial](tutorial.md), [diagnostics](diagnostics/README.md), [methods](methods/README.md).

\`\`\`cmp
language 1

model ptb_medium {
  tokens = ids(vocab=10000)
  embed  = embedding(tokens, 650, dropout=50%)
  rnn1   = lstm(embed, 650, dropout=50%)
  rnn2   = lstm(rnn1, 650, dropout=50%)
  next   = softmax(rnn2, 10000)
}

compress {
  rnn1, rnn2: dkp(B=13x65, C=50x20) to 25x   // solved: 125,324 overlay values, sparsity=96.2922%
}

train {
  data       = text("ptb", batch=20, unroll=35)
  init       = uniform(0.05)
  optimizer  = sgd(clip=5)
  lr         = decay(1.0, by=1/1.2, every=1 epoch, after=6 epochs)
  epochs     = 39
  sparsity   = cubic(from=2 epochs, to=20 epochs, every=100 steps)
  regularize = cmr(p=50%, until=sparsity(90%))
}

emit neon {
  cpu    = cortex-a73
  clock  = 1.8 GHz
  budget = [56 MB, 12 ms]                    // of the whole model, and of one step as modelled
}
\`\`\``;

/** A program that leaves out all that it can. */
const bare = `model name_of_the_model {
  tokens = ids(vocab=50)
  embed  = embedding(tokens, 8)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 50)
}
compress { rnn: prune to 2x }
train {
  data   = generated()
  epochs = 10
}
${Object.keys(emitSchemas)
  .map((target) => `emit ${target} {}`)
  .join('\n')}
`;

/** The whole page, a line break at its end. */
export function languagePage(compile: Compile): string {
  const { training, emits } = compile(bare);
  const blocks = [model, compress, train(defined(training, 'the training')), rest(emits)];
  return `${[head, lexical, ...blocks].join('\n\n')}\n`;
}
