/**
 * The activations of every mode over all 2^32 floats, natively: the portable C; the same with fused multiply-adds, as a
 * compiler for AArch64 makes it; and the NEON source through SIMDe. Then a sample under emulation, whose results must
 * have the bits of the native ones.
 *   npm run bench:activations -- [--stride 1] [--sample 1021] [--parts 16] [--only std,fast,exact]
 * Half an hour of one core. Parts that are done are kept in build/activations, so it goes on where it was cut short.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { activationBound } from '../../dist/kernels/error-bounds.js';
import { renderActivationCheck } from '../../dist/targets/c-family/kernels.js';
import { allFloats, checkActivations } from '../../dist/verify/check-activations.js';
import { missingTools, toolchainsOf } from '../../dist/verify/toolchain.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = resolve(here, '../../build/activations');
const text = { type: 'string' };
const { values: options } = parseArgs({ options: { stride: text, sample: text, parts: text, only: text } });
const modes = (options.only ?? 'std,fast,exact').split(',');
const [stride, sample, parts] = [options.stride ?? 1, options.sample ?? 1021, options.parts ?? 16].map(Number);

const native = (...flags) => ({ ...toolchainsOf('native')[0], flags });
const simde = ['-mfma', '-ffp-contract=off', '-isystem', join(here, 'simde')];
const [aarch64] = toolchainsOf('aarch64');
const [arm] = toolchainsOf('arm');

/** What runs here, and what it must equal under emulation. `exact` calls the C library, whose bits are its own. */
const subjects = [
  { name: 'portable C', tier: 'c', modes: ['std', 'fast', 'exact'], here: native() },
  { name: 'portable C, fused', tier: 'c', modes: ['std', 'fast'], here: native('-mfma'), emulated: aarch64 },
  {
    name: 'NEON, AArch64',
    tier: 'neon',
    modes: ['std', 'fast'],
    here: native(...simde, '-DAS_AARCH64'),
    emulated: aarch64,
  },
  { name: 'NEON, ARMv7', tier: 'neon', modes: ['std', 'fast'], here: native(...simde), emulated: arm },
];

/** A check that is made once for a source, its flags and a range. */
async function keptCheck(tier, mode, toolchain, range) {
  const shim = readFileSync(join(here, 'simde/arm_neon.h'));
  const key = [renderActivationCheck(tier, mode), toolchain.compiler, toolchain.flags.join(' '), JSON.stringify(range)];
  const hash = createHash('sha256').update(shim).update(key.join('\0')).digest('hex').slice(0, 24);
  const path = join(out, `${hash}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const checks = await checkActivations(tier, mode, toolchain, range);
  mkdirSync(out, { recursive: true });
  writeFileSync(path, JSON.stringify(checks));
  return checks;
}

/** All parts of a range together: the worst of each function. */
async function inParts(tier, mode, toolchain, label) {
  const worst = new Map();
  for (let part = 0; part < parts; part++) {
    const [from, to] = [part, part + 1].map((n) => Math.ceil((n * 2 ** 32) / parts / stride) * stride);
    const range = { from, to: Math.min(to, 2 ** 32), stride };
    for (const check of await keptCheck(tier, mode, toolchain, range)) {
      const known = worst.get(check.name) ?? { error: -1, misplaced: 0, wrongNan: 0 };
      const larger = check.error > known.error ? { error: check.error, at: check.at } : {};
      const counts = { misplaced: known.misplaced + check.misplaced, wrongNan: known.wrongNan + check.wrongNan };
      worst.set(check.name, { ...known, ...larger, ...counts });
    }
    console.error(`${label}: part ${part + 1} of ${parts}`);
  }
  return worst;
}

/** Whether a sample has the same bits here and under emulation. */
async function equalBits(tier, mode, toolchain, emulated) {
  const missing = missingTools(emulated);
  if (missing.length > 0) return `not shown, ${missing.join(' and ')} not installed`;
  const [a, b] = [
    await keptCheck(tier, mode, toolchain, allFloats(sample)),
    await keptCheck(tier, mode, emulated, allFloats(sample)),
  ];
  return a.every(({ hash }, i) => hash !== '' && hash === b[i].hash) ? 'equal' : 'DIFFERENT';
}

let failed = false;
const lines = [
  `| source | mode, bound | tanh, largest error | sigmoid, largest error | bits under emulation, 1 of ${sample} |`,
  '|---|---|---|---|---|',
];
for (const mode of modes)
  for (const { name, tier, here: toolchain, emulated } of subjects.filter((subject) => subject.modes.includes(mode))) {
    const worst = await inParts(tier, mode, toolchain, `${name}, ${mode}`);
    const equal = emulated === undefined ? '' : await equalBits(tier, mode, toolchain, emulated);
    const bound = activationBound(mode);
    const fine = ({ error, misplaced, wrongNan }) => error <= bound && misplaced === 0 && wrongNan === 0;
    const passed = [...worst.values()].every(fine) && equal !== 'DIFFERENT';
    failed ||= !passed;
    const errors = [...worst.values()].map(({ error, at }) => `${error.toExponential(2)} at ${at}`);
    lines.push(`| ${name} | ${mode}, ${bound} | ${errors.join(' | ')} | ${equal}${passed ? '' : ' FAILED'} |`);
    console.error(lines.at(-1));
  }
console.log(`Every ${stride === 1 ? 'float' : `${stride}th float`}:\n\n${lines.join('\n')}`);
process.exitCode = failed ? 1 : 0;
