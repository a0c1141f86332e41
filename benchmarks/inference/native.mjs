/**
 * The portable C beside Eigen and onnxruntime on this machine, built for x86-64-v2 (vectors of 128 bits, as NEON has),
 * pinned to one core, in turns, the best of many: for information, since other work on a machine only adds time.
 */
import { join } from 'node:path';
import { nativeBars } from './bars.mjs';
import { lstmArguments, onnxruntimeCommand } from './libraries.mjs';
import { buildNative, eigenFlags, eigenSource, here, out, timeOf } from './measure.mjs';
import { emitForm } from './subjects.mjs';

const flags = ['-O3', '-march=x86-64-v2'];
const turns = 12;

/** What gives the time of a peer in some rounds; undefined where its library is not installed. */
const peers = {
  eigen: ({ m, n }) => {
    const binary = buildNative('eigen-native', ['g++', ...eigenFlags, ...flags, eigenSource], here);
    return (rounds) => timeOf(binary, ['dense', m, n, 0, rounds]);
  },
  reading: ({ m, n }) => {
    const binary = buildNative('reading', ['gcc', '-std=gnu99', ...flags, join(here, 'reading.c')], here);
    return (rounds) => timeOf(binary, [m * n, rounds]);
  },
  onnxruntime: ({ hidden, inputs }) => {
    const command = onnxruntimeCommand('x64', 'gcc');
    if (command === undefined) return undefined;
    const binary = buildNative('onnxruntime-native', command, here);
    const environment = { ORT_DISABLE_TELEMETRY: '1' };
    return (rounds) => timeOf(binary, lstmArguments({ inputs, units: hidden, steps: 1 }, rounds), environment);
  },
};

/** One row for each bar. onnxruntime uses all vectors that this machine has. */
export function nativeRows() {
  return nativeBars.map(({ name, peer, hidden, inputs = hidden, least }) => {
    const [m, n] = [4 * hidden, hidden + inputs];
    const row = { group: 'native', what: name, compiler: `gcc ${flags.join(' ')}` };
    const timeOfPeer = peers[peer]({ m, n, hidden, inputs });
    const bar = least === undefined ? 'information' : `>= ${least}`;
    if (timeOfPeer === undefined) return { ...row, bar, reached: 'not measured', met: undefined };
    const folder = join(out, 'emitted', `native-${peer}-${hidden}`);
    const what = peer === 'onnxruntime' ? 'step' : 'product';
    const { sources } = emitForm(folder, 'dense', { what, target: 'c', hidden, inputs });
    const command = ['gcc', '-std=gnu99', ...flags, ...sources, '-lm'];
    const binary = buildNative(`ours-native-${peer}-${hidden}`, command, folder);
    const rounds = Math.max(20, Math.round(4e8 / (m * n)));
    const best = { peer: Infinity, own: Infinity };
    for (let turn = 0; turn < turns; turn++) {
      best.peer = Math.min(best.peer, timeOfPeer(rounds));
      best.own = Math.min(best.own, timeOf(binary, [rounds]));
    }
    const reached = best.peer / best.own;
    const met = least === undefined ? undefined : reached >= least;
    return { ...row, bar, reached: Number(reached.toPrecision(3)), met };
  });
}
