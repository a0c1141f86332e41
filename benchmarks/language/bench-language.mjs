/**
 * `npm run bench:language`: what `rnnc check` costs on programs of 250 to 4,000 lines, in the process and after it has
 * started, and what the diagnostics of a language server cost after one keystroke: one that leaves the program right,
 * one in a misspelt name, one in a statement whose syntax is broken. Milliseconds of the processor (the process with its helper
 * threads), which other work on the machine disturbs less than the clock: median of several rounds, least in brackets.
 * Runs in a thread like that of `rnnc lsp`. Last, how each cost grows from each size to the next, per line.
 */
import { isMainThread, Worker } from 'node:worker_threads';
import { threadLimits } from '../../dist/cli/commands/lsp.js';
import { compile } from '../../dist/compile.js';
import { Analyzer } from '../../dist/editor/analysis.js';

const sizes = [250, 500, 1000, 2000, 4000];
const warming = 25;
const rounds = 15;

/** A chain of layers, and a rule for each. */
function program(lines) {
  const layers = Math.floor((lines - 10) / 2);
  const names = Array.from({ length: layers }, (_, i) => `dense${i + 1}`);
  const definitions = names.map((name, i) => `  ${name} = dense(${names[i - 1] ?? 'embed'}, 16)`);
  return [
    'language 1',
    'model chain {',
    '  tokens = ids(vocab=50)',
    '  embed = embedding(tokens, 16)',
    ...definitions,
    `  next = softmax(${names.at(-1)}, 50)`,
    '}',
    'compress {',
    ...names.map((name) => `  ${name}: lmf(r=4)`),
    '}',
    '',
  ].join('\n');
}

function processorTime(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The median of several rounds, and the least of them. */
function cost(run) {
  for (let i = 0; i < warming; i++) run();
  const times = Array.from({ length: rounds }, () => processorTime(run)).sort((a, b) => a - b);
  return { median: times[Math.floor(rounds / 2)], least: times[0] };
}

/** What is measured of a program. */
function costs(text) {
  const found = [];
  if (
    compile(
      'a.cmp',
      () => text,
      (d) => found.push(d),
    ) === undefined
  )
    throw new Error(found[0].message);
  /** `to` with a letter more and a letter less, in turns. */
  const keystroke = (from, to, letter) => {
    const texts = [text.replace(from, to), text.replace(from, to.replace(letter, letter + letter))];
    const analyzer = new Analyzer();
    let turn = 0;
    return cost(() => analyzer.analyze('a.cmp', texts[turn++ % 2], () => undefined));
  };
  return {
    check: cost(() =>
      compile(
        'a.cmp',
        () => text,
        () => {},
      ),
    ),
    right: keystroke('(embed, 16)', '(embed, 16)', ' '),
    misspelt: keystroke('dense2 =', 'dense2x =', 'x'),
    broken: keystroke('dense2 =', 'dense2 ', ' '),
  };
}

function main() {
  const columns = ['check', 'right', 'misspelt', 'broken'];
  console.log(`| lines | ${columns.join(' | ')} |\n|---|${'---|'.repeat(columns.length)}`);
  const rows = sizes.map((size) => {
    const text = program(size);
    const measured = costs(text);
    const cells = columns.map((c) => `${measured[c].median.toFixed(0)} (${measured[c].least.toFixed(0)})`);
    const lines = text.split('\n').length;
    console.log(`| ${lines} | ${cells.join(' | ')} |`);
    return { lines, measured };
  });
  for (const [i, { lines, measured }] of rows.entries()) {
    const before = rows[i - 1];
    if (before === undefined) continue;
    const growth = (c) => (measured[c].least / before.measured[c].least / (lines / before.lines)).toFixed(2);
    console.log(`per line, ${before.lines} to ${lines}: ${columns.map((c) => `${c} x${growth(c)}`).join(', ')}`);
  }
}

if (isMainThread) new Worker(new URL(import.meta.url), { resourceLimits: threadLimits });
else main();
