/**
 * Many random programs: `npm run check:random -- --programs 500 --seed 1 [--jobs 2] [--part 20]`. Runs
 * `test/random-programs.test.ts` in parts, some at a time, and writes each part that has passed into
 * `build/random-programs/`: the same command again runs only what is left. Exit code 1 when a program failed.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    part: { type: 'string', default: '20' },
    fresh: { type: 'boolean', default: false },
  },
});
const [programs, seed, jobs, part] = [values.programs, values.seed, values.jobs, values.part].map(Number);
if (![programs, seed, jobs, part].every((n) => Number.isInteger(n) && n >= 1)) {
  console.error('--programs, --seed, --jobs and --part take whole numbers of at least 1');
  process.exit(2);
}

const folder = join('build', 'random-programs');
const passedFile = join(folder, 'passed.txt');
mkdirSync(folder, { recursive: true });
if (values.fresh) writeFileSync(passedFile, '');
const passed = new Set(existsSync(passedFile) ? readFileSync(passedFile, 'utf8').split('\n') : []);
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/** Numbers of programs: `count` of them, from `first`. */
function run({ first, count }) {
  const args = [vitest, 'run', 'test/random-programs.test.ts', '--reporter=default', '--no-color'];
  const env = { ...process.env, RNNC_RANDOM_FIRST: String(first), RNNC_RANDOM_LAST: String(first + count - 1) };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (data) => (text += data));
    child.stderr.on('data', (data) => (text += data));
    child.on('close', (code) => resolve({ code, text }));
  });
}

const parts = Array.from({ length: Math.ceil(programs / part) }, (_, i) => {
  const first = seed + i * part;
  return { first, count: Math.min(part, seed + programs - first) };
});
const nameOf = ({ first, count }) => `${first}-${first + count - 1}`;
const left = parts.filter((p) => !passed.has(nameOf(p)));
const failed = [];
const started = Date.now();
console.log(`${programs} programs from ${seed}: ${left.length} of ${parts.length} parts left, ${jobs} at a time`);

async function work() {
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    const { code, text } = await run(next);
    const name = nameOf(next);
    const minutes = ((Date.now() - started) / 60_000).toFixed(1);
    const counts = /Tests\s+(.*)/.exec(text)?.[1] ?? 'did not run';
    console.log(`${name}: ${code === 0 ? 'passed' : 'FAILED'}, ${counts} [${minutes} min]`);
    if (code === 0) appendFileSync(passedFile, `${name}\n`);
    else {
      failed.push(name);
      writeFileSync(join(folder, `${name}.log`), text);
      for (const line of text.match(/^ FAIL .*$/gm) ?? []) console.log(line);
    }
  }
}
await Promise.all(Array.from({ length: jobs }, work));
if (failed.length > 0) console.log(`failed: ${failed.join(', ')}; logs are in ${folder}`);
else console.log(`0 failures in ${programs} programs`);
process.exitCode = failed.length > 0 ? 1 : 0;
