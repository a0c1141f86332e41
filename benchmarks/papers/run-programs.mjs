/**
 * Builds a list of programs with `rnnc build`, some at a time, so that the same command goes on where it stopped: a
 * finished program is skipped, one that was stopped resumes at its checkpoint, a changed one begins anew.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const rnnc = resolve(dirname(fileURLToPath(import.meta.url)), '../../dist/cli/main.js');

const readJson = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined);

/** Lines of a run's log; a run that has not begun has none. */
export function metricsOf(out, name) {
  const path = join(out, 'builds', name, 'training', 'metrics.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

/** What is known of a finished run, or undefined. */
export const resultOf = (out, name) => readJson(join(out, 'results', `${name}.json`));

/** The run's numbers, from its log. */
function summaryOf(out, name) {
  const lines = metricsOf(out, name);
  const epochs = lines.filter(({ kind }) => kind === 'epoch');
  const kept = epochs.filter((line) => line.kept).at(-1);
  return {
    epochs: epochs.length,
    keptEpoch: kept?.epoch,
    train: epochs.at(-1)?.train_perplexity,
    valid: kept?.valid_perplexity,
    test: lines.find(({ kind }) => kind === 'test')?.test_perplexity,
    seconds: Math.round(epochs.reduce((sum, { seconds }) => sum + seconds, 0)),
  };
}

function build({ out, data, threads }, { name, text }) {
  const program = join(out, 'programs', `${name}.cmp`);
  const changed = existsSync(program) && readFileSync(program, 'utf8') !== text;
  if (changed) rmSync(join(out, 'builds', name), { recursive: true, force: true });
  writeFileSync(program, text);
  const args = [rnnc, 'build', program, '--data', data, '--out', join(out, 'builds'), '--threads', String(threads)];
  const log = createWriteStream(join(out, 'logs', `${name}.txt`), { flags: 'a' });
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  return { child, done: new Promise((finished) => child.on('close', finished)) };
}

/** Builds what is not finished, `jobs` at a time; returns the names of those that failed. */
export async function runPrograms(settings, programs) {
  const { out, jobs } = settings;
  for (const folder of ['programs', 'builds', 'logs', 'results']) mkdirSync(join(out, folder), { recursive: true });
  const waiting = programs.filter(({ name, text }) => resultOf(out, name)?.program !== text);
  const failed = [];
  const running = new Set();
  let stopped = false;
  const stop = () => {
    stopped = true;
    for (const child of running) child.kill('SIGINT');
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined && !stopped; next = waiting.shift()) {
      console.error(`${new Date().toISOString()} ${next.name}`);
      const { child, done } = build(settings, next);
      running.add(child);
      const code = await done;
      running.delete(child);
      if (code === 0) {
        const result = { name: next.name, program: next.text, ...summaryOf(out, next.name) };
        writeFileSync(join(out, 'results', `${next.name}.json`), `${JSON.stringify(result, undefined, 2)}\n`);
      } else if (!stopped) failed.push(`${next.name}: exit code ${code}, see ${join(out, 'logs', `${next.name}.txt`)}`);
      settings.after?.();
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return { failed, stopped };
}
