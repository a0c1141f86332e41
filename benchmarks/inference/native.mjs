/**
 * The portable C beside Eigen on this machine, both for x86-64-v2 (vectors of 128 bits, as NEON has), pinned to one
 * core, in turns, the best of many: for information, since other work on a machine only adds time.
 */
import { join } from 'node:path';
import { nativeBars } from './bars.mjs';
import { buildNative, out, peersSource, timeOf } from './measure.mjs';
import { emitForm } from './subjects.mjs';

const flags = ['-O3', '-march=x86-64-v2'];
const turns = 5;

/** One row for each size. */
export function nativeRows() {
  const peers = buildNative('peers-native', ['g++', ...flags, '-I/usr/include/eigen3', peersSource], '.');
  return nativeBars.map(({ name, hidden, inputs = hidden, least }) => {
    const folder = join(out, 'emitted', `native-${hidden}`);
    const { sources } = emitForm(folder, 'dense', { what: 'product', target: 'c', hidden, inputs });
    const binary = buildNative(`ours-native-${hidden}`, ['gcc', '-std=gnu99', ...flags, ...sources, '-lm'], folder);
    const [m, n] = [4 * hidden, hidden + inputs];
    const rounds = Math.max(20, Math.round(4e8 / (m * n)));
    const best = { eigen: Infinity, own: Infinity };
    for (let turn = 0; turn < turns; turn++) {
      best.eigen = Math.min(best.eigen, timeOf(peers, ['dense', m, n, 0, rounds]));
      best.own = Math.min(best.own, timeOf(binary, [rounds]));
    }
    const reached = best.eigen / best.own;
    const row = { group: 'native', what: name, compiler: `gcc ${flags.join(' ')}`, bar: `>= ${least}` };
    return { ...row, reached: Number(reached.toPrecision(3)), met: reached >= least };
  });
}
