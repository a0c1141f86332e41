/** The built C as a model: which emitted folder runs where, its perplexity and its next-word probabilities. */
import { join } from 'node:path';
import { Fault } from '../support/fault.js';
import { runBuilt, withBuilt } from '../verify/run-built.js';
import type { VerifyTarget } from '../verify/toolchain.js';
import { isFolder } from './files.js';
import type { Opened } from './program.js';

/** `native` runs the portable C; the Arm targets run the NEON C, or the portable C when that is all there is. */
export function emittedFolder({ buildFolder, model }: Opened, target: VerifyTarget): string {
  const candidates = target === 'native' ? ['c'] : ['neon', 'c'];
  const found = candidates.map((name) => join(buildFolder, name)).find(isFolder);
  if (found !== undefined) return found;
  const wanted = candidates[0]!;
  throw new Fault(
    'build/not-emitted',
    `${model.name} has no emitted ${wanted}`,
    `run \`rnnc emit --target ${wanted}\``,
  );
}

/** Perplexity of the built C over a stream, from zero state behind the id `start`. */
export async function builtPerplexity(opened: Opened, by: string, ids: Int32Array, start: number): Promise<number> {
  const target = by as VerifyTarget;
  const result = await runBuilt(emittedFolder(opened, target), target, [start, ...ids], { kind: 'nll' });
  if (result.kind !== 'nll') throw new Fault('verify/run-failed', 'the run tool gave no likelihood');
  return result.perplexity;
}

function softmax(logits: readonly number[]): Float32Array {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exponentials = logits.map((x) => Math.exp(x - most));
  const total = exponentials.reduce((a, b) => a + b, 0);
  return Float32Array.from(exponentials, (e) => e / total);
}

/** Probabilities after some ids. */
export interface Asker {
  after: (ids: readonly number[]) => Promise<Float32Array>;
}

/** Lends the built C as an asker; every question starts from zero state. */
export function withBuiltAsker<T>(opened: Opened, by: string, use: (asker: Asker) => Promise<T>): Promise<T> {
  const target = by as VerifyTarget;
  return withBuilt(emittedFolder(opened, target), target, (run) =>
    use({
      after: async (ids) => {
        const result = await run(ids, { kind: 'logits' });
        const last = result.kind === 'logits' ? result.rows.at(-1) : undefined;
        if (last === undefined) throw new Fault('verify/run-failed', 'the run tool gave no logits');
        return softmax(last);
      },
    }),
  );
}
