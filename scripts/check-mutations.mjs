/**
 * `npm run check:mutations [-- --part I/N]`: misspells or leaves out every word, argument and statement of all examples
 * and of the right programs of docs/diagnostics/, one at a time, and counts what becomes of it. Needs a build. Each
 * program is judged in a thread with a time limit. Exit code 1 when one passes in silence, crashes, hangs or is refused
 * without the right suggestion too often.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort } from 'node:worker_threads';
import { applyFixes } from '../dist/diagnostics/apply-fixes.js';
import { exceededBudgets } from '../dist/cli/budget.js';
import { compile } from '../dist/compile.js';
import { codePages } from '../dist/report/diagnostic-pages/all-pages.js';
import { difference } from '../dist/report/difference.js';
import { tokenize } from '../dist/syntax/tokens.js';
import { threadAt } from './language/ask-thread.mjs';
import { judgeWith } from './language/judge.mjs';
import { mutationsOf } from './language/mutate.mjs';

const limit = 10_000;
const wanted = 0.95;

const compiled = (text) => compile('model.cmp', (path) => (path === 'model.cmp' ? text : undefined), () => {});

/** All examples, then the right programs of pages: those that are one file. */
function programs() {
  const folder = new URL('../examples/', import.meta.url);
  const examples = readdirSync(folder)
    .filter((name) => name.endsWith('.cmp'))
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));
  const pages = codePages
    .filter(({ right }) => Object.keys(right.files).length === 1 && right.weights === undefined)
    .map(({ code, right }) => ({ name: code, text: Object.values(right.files)[0] }));
  const seen = new Set();
  return [...examples, ...pages].filter(({ text }) => !seen.has(text) && seen.add(text) && compiled(text) !== undefined);
}

if (!isMainThread) {
  const judge = judgeWith({ compile, applyFixes, difference, exceededBudgets });
  let original;
  parentPort.postMessage('ready');
  parentPort.on('message', ({ text, mutation }) => {
    if (original?.text !== text) original = { text, model: compiled(text).model };
    try {
      parentPort.postMessage(judge(original, mutation));
    } catch (error) {
      parentPort.postMessage({ outcome: 'crash', errors: 0, said: [String(error.stack).slice(0, 600)] });
    }
  });
}

const thread = threadAt(new URL(import.meta.url), {
  limit,
  hung: { outcome: 'hang', errors: 0, said: [] },
  crashed: (error) => ({ outcome: 'crash', errors: 0, said: [String(error)] }),
});

const bad = ['silent', 'another', 'no place', 'crash', 'hang'];

function table(results) {
  const columns = ['misspelt', 'deleted', 'left out'];
  const rows = new Map();
  for (const { mutation, outcome, errors } of results) {
    const row = rows.get(outcome) ?? { misspelt: 0, deleted: 0, 'left out': 0 };
    row[mutation.how]++;
    rows.set(outcome, row);
    if (errors > 1) {
      const several = rows.get('of these with several errors') ?? { misspelt: 0, deleted: 0, 'left out': 0 };
      several[mutation.how]++;
      rows.set('of these with several errors', several);
    }
  }
  const lines = [...rows].map(([outcome, row]) => `| ${outcome} | ${columns.map((c) => row[c]).join(' | ')} |`);
  return [`| outcome | ${columns.join(' | ')} |`, '|---|---|---|---|', ...lines].join('\n');
}

async function main() {
  const { values } = parseArgs({ options: { part: { type: 'string', default: '1/1' } } });
  const [part, every] = values.part.split('/').map(Number);
  const results = [];
  const all = programs();
  for (const { name, text } of all) {
    const { program } = compiled(text);
    const mutations = mutationsOf(text, { tokenize, program });
    for (let i = part - 1; i < mutations.length; i += every)
      results.push({ name, mutation: mutations[i], ...(await thread.ask({ text, mutation: mutations[i] })) });
  }
  await thread.end();
  const refused = results.filter((r) => ['refused', 'suggested'].includes(r.outcome) && r.mutation.how !== 'left out');
  const rate = refused.filter((r) => r.outcome === 'suggested').length / refused.length;
  const failures = results.filter((r) => bad.includes(r.outcome));
  console.log(`${results.length} mutations of ${all.length} programs\n\n${table(results)}\n`);
  console.log(`${failures.length} failures; ${(100 * rate).toFixed(2)}% of refused words with the right suggestion`);
  const folder = new URL('../build/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const lineOf = ({ name, mutation: m, outcome, errors, said }) =>
    JSON.stringify({ outcome, kind: m.kind, how: m.how, word: m.word, put: m.put, name, errors, said });
  const shown = results.filter((r) => ![ 'suggested', 'same', 'told apart'].includes(r.outcome) || r.errors > 1);
  writeFileSync(new URL(`mutations-${part}-of-${every}.jsonl`, folder), `${shown.map(lineOf).join('\n')}\n`);
  console.log(`what is not suggested, the same or told apart is in build/mutations-${part}-of-${every}.jsonl`);
  for (const failure of failures.slice(0, 20)) console.log(lineOf(failure));
  process.exitCode = failures.length > 0 || rate < wanted ? 1 : 0;
}
if (isMainThread) await main();
