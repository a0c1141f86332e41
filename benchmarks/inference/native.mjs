/**
 * The portable C beside its peers on this machine, built for x86-64-v2 (vectors of 128 bits, as NEON has) and pinned to
 * one core: for information, since times depend on what else a machine does. Eigen and plain reading take turns with
 * it in one process (`pairs.c`), by the time of the processor; onnxruntime in processes of its own, the best of many.
 */
import { join } from 'node:path';
import { nativeBars } from './bars.mjs';
import { lstmArguments, onnxruntimeCommand } from './libraries.mjs';
import { buildNative, eigenFlags, here, out, printedBy, timeOf } from './measure.mjs';
import { emitForm } from './subjects.mjs';

const flags = ['-O3', '-march=x86-64-v2'];

/** Processes of a row: each finds physical pages of its own, which decide what its caches can hold. */
const processes = 9;
const pairsEach = 100;
/** Of one burst, so that it takes about a millisecond: little else happens between the two of a pair. */
const roundsFor = (values) => Math.max(8, Math.round(3e7 / values));

/** How the peer's side of a pair is compiled. */
const peers = {
  eigen: ['g++', ...eigenFlags, ...flags, '-DSHARED=0', join(here, 'peer-eigen.cpp')],
  'eigen shared': ['g++', ...eigenFlags, ...flags, '-DSHARED=1', join(here, 'peer-eigen.cpp')],
  reading: ['gcc', '-std=gnu99', ...flags, '-DAHEAD=0', join(here, 'reading.c')],
  'reading ahead': ['gcc', '-std=gnu99', ...flags, '-DAHEAD=4096', join(here, 'reading.c')],
};

const significant = (ratio) => Number(ratio.toPrecision(3));

/**
 * The peer's time over the product's, each the lower quartile of its bursts: the median of the processes, the lowest
 * and the highest of them; and the least time over the least time.
 */
function paired({ peer, hidden, inputs }, [m, n]) {
  const folder = join(out, 'emitted', `native-pair-${m}x${n}`);
  const { sources } = emitForm(folder, 'dense', { what: 'product', target: 'c', hidden, inputs });
  const own = [join(here, 'pairs.c'), join(here, 'own-product.c'), ...sources.filter((path) => path !== 'main.c')];
  const name = `${peer.replace(' ', '-')}-${m}x${n}`;
  const object = buildNative(`${name}.o`, [...peers[peer], '-c'], here);
  const binary = buildNative(name, ['gcc', '-std=gnu99', ...flags, '-I.', ...own, object, '-lstdc++', '-lm'], folder);
  const printed = Array.from({ length: processes }, () =>
    printedBy(binary, [m, n, roundsFor(m * n), pairsEach])
      .split(' ')
      .map(Number),
  );
  const ratios = printed.map(([, peerNs, , ownNs]) => peerNs / ownNs).sort((a, b) => a - b);
  const [peerNs, ownNs] = [0, 2].map((column) => Math.min(...printed.map((one) => one[column])));
  return {
    reached: significant(ratios[(processes - 1) / 2]),
    range: [ratios[0], ratios.at(-1)].map(significant),
    least: { ratio: significant(peerNs / ownNs), peerNs, ownNs },
  };
}

/** onnxruntime's LSTM over a step, best over best; it uses all vectors that this machine has. */
function besideOnnxruntime({ hidden, inputs }, [m, n]) {
  const command = onnxruntimeCommand('x64', 'gcc');
  if (command === undefined) return { reached: 'not measured' };
  const library = buildNative('onnxruntime-native', command, here);
  const folder = join(out, 'emitted', `native-step-${hidden}`);
  const { sources } = emitForm(folder, 'dense', { what: 'step', target: 'c', hidden, inputs });
  const binary = buildNative(`step-${hidden}`, ['gcc', '-std=gnu99', ...flags, ...sources, '-lm'], folder);
  const rounds = Math.round(4e8 / (m * n));
  const least = { peer: Infinity, own: Infinity };
  for (let i = 0; i < processes; i++) {
    const environment = { ORT_DISABLE_TELEMETRY: '1' };
    const given = lstmArguments({ inputs, units: hidden, steps: 1 }, rounds);
    least.peer = Math.min(least.peer, timeOf(library, given, environment));
    least.own = Math.min(least.own, timeOf(binary, [rounds]));
  }
  return { reached: significant(least.peer / least.own) };
}

/** One row for each bar. */
export function nativeRows() {
  return nativeBars.map((bar) => {
    const { name, peer, hidden, inputs = hidden, least } = bar;
    const sides = [4 * hidden, hidden + inputs];
    const measured = (peer === 'onnxruntime' ? besideOnnxruntime : paired)({ ...bar, inputs }, sides);
    const met = least === undefined ? undefined : measured.reached >= least;
    const stated = least === undefined ? 'information' : `>= ${least}`;
    return { group: 'native', what: name, compiler: `gcc ${flags.join(' ')}`, bar: stated, ...measured, met };
  });
}
