/**
 * `npm run check:fuzz [-- --minutes 10 --seed N]`: random programs through parser, checker and formatter, in a thread
 * with a time limit for each. Programs that run code which none before them ran are changed again (coverage of V8).
 * Exit code 1 when one crashes, hangs, or gives a diagnostic whose place is not in its file. Needs a build.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort } from 'node:worker_threads';
import { compile } from '../dist/compile.js';
import { printDiagnostic } from '../dist/diagnostics/print.js';
import { codePages } from '../dist/report/diagnostic-pages/all-pages.js';
import { parse } from '../dist/syntax/parse.js';
import { printProgram } from '../dist/syntax/print.js';
import { tokenize } from '../dist/syntax/tokens.js';
import { threadAt } from './language/ask-thread.mjs';
import { dice, drawer } from './language/fuzz.mjs';

const limit = 10_000;
const batch = 8;
/** Characters that the diagnostics of one program may print. */
const mostOutput = 1_000_000;

/** What is wrong with what is said of a program; undefined when nothing is. */
function fault(text) {
  const found = [];
  const compiled = compile('model.cmp', (path) => (path === 'model.cmp' ? text : undefined), (d) => found.push(d));
  if (compiled === undefined && !found.some((d) => d.severity === 'error')) return 'refused without a diagnostic';
  let output = 0;
  for (const d of found) {
    for (const span of [d.span, d.fix?.span, ...d.notes.map((note) => note.span)].filter((s) => s !== undefined)) {
      const { source, start, end } = span;
      if (source.text !== text || !(start >= 0 && start <= end && end <= text.length)) return `no place: ${d.code}`;
    }
    output += printDiagnostic(d).length;
  }
  if (output > mostOutput) return `prints ${output} characters`;
  if (compiled === undefined) return undefined;
  const again = printProgram(parse({ path: 'model.cmp', text: printProgram(compiled.program) }, () => {}));
  return again === printProgram(compiled.program) ? undefined : 'the formatter is not done after one round';
}

if (!isMainThread) {
  const session = new Session();
  session.connect();
  const post = (method, params) => {
    let answer;
    session.post(method, params, (error, result) => {
      if (error) throw new Error(error.message);
      answer = result;
    });
    return answer;
  };
  post('Profiler.enable');
  post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const seen = new Set();
  const fresh = () => {
    let count = 0;
    for (const { url, functions } of post('Profiler.takePreciseCoverage').result) {
      if (!/\/dist\/(syntax|arguments|model|layers|methods|diagnostics|support)\//.test(url)) continue;
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count: runs } of ranges) {
          const key = `${url.slice(-40)}:${startOffset}-${endOffset}`;
          if (runs > 0 && !seen.has(key)) count += seen.add(key).size > 0 ? 1 : 0;
        }
    }
    return count;
  };
  parentPort.postMessage('ready');
  parentPort.on('message', ({ text, last }) => {
    let wrong;
    try {
      wrong = fault(text);
    } catch (error) {
      wrong = `crash: ${String(error.stack).slice(0, 800)}`;
    }
    parentPort.postMessage({ wrong, fresh: last ? fresh() : 0 });
  });
}

const thread = threadAt(new URL(import.meta.url), {
  limit,
  hung: { wrong: `takes longer than ${limit / 1000} s`, fresh: 0 },
  crashed: (error) => ({ wrong: `crash: ${error}`, fresh: 0 }),
  resourceLimits: { maxOldGenerationSizeMb: 1500 },
});

async function main() {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
  });
  const folder = new URL('../examples/', import.meta.url);
  const examples = readdirSync(folder).filter((name) => name.endsWith('.cmp'));
  const corpus = [
    ...examples.map((name) => readFileSync(new URL(name, folder), 'utf8')),
    ...codePages.flatMap(({ right, wrong }) => [right, wrong]).map(({ files }) => Object.values(files)[0]),
  ];
  const draw = drawer(dice(Number(values.seed)), corpus, tokenize);
  const pool = [...new Set(corpus)];
  const known = pool.length;
  const failures = [];
  let [programs, parts] = [0, 0];
  const out = new URL('../build/fuzz/', import.meta.url);
  mkdirSync(out, { recursive: true });
  const end = Date.now() + 60_000 * Number(values.minutes);
  while (Date.now() < end) {
    const texts = Array.from({ length: batch }, () => draw(pool));
    let fresh = 0;
    for (const [i, text] of texts.entries()) {
      const result = await thread.ask({ text, last: i === batch - 1 });
      programs++;
      fresh += result.fresh;
      if (result.wrong === undefined) continue;
      writeFileSync(new URL(`${failures.length}.cmp`, out), text);
      failures.push(result.wrong);
      if (failures.length <= 20) console.log(`build/fuzz/${failures.length - 1}.cmp: ${result.wrong}`);
    }
    if (fresh === 0) continue;
    parts += fresh;
    pool.push(...texts.filter((text) => text.length < 20_000));
  }
  await thread.end();
  console.log(`${programs} programs, ${parts} parts of the code run, ${pool.length - known} programs kept for it`);
  console.log(`${failures.length} failures`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
if (isMainThread) await main();
