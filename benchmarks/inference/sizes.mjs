/**
 * `npm run bench:sizes`: speed against size. Modelled cycles of one step of an LSTM layer over its number of units
 * (as many features), and how much faster than dense it becomes over the compression factor, for every method and three
 * cores: predicted by the plan, and beside it counted under emulation where that is affordable.
 * Options: --effort KCYCLES (counted up to so many predicted cycles in the A57 model, 1000), --a53 (counts for the A53
 * too), --only WORD,... (methods whose names begin so, beside dense). Points that are done are kept in
 * build/bench-inference until the compiler changes.
 * Writes sizes.md, sizes.json, units.svg and factors.svg there.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { countEmitted, hashOf, here, kept, out } from './measure.mjs';
import { factorsChart, sizesTables, unitsChart } from './sizes-report.mjs';
import { emitForm, planForm } from './subjects.mjs';

const { values: options } = parseArgs({
  options: { effort: { type: 'string' }, a53: { type: 'boolean' }, only: { type: 'string' } },
});
const effort = 1000 * Number(options.effort ?? 1000);

/** Every method, the factor at which it is followed over units, and whether it is followed over factors. */
const methods = [
  { name: 'dense', rule: () => '' },
  { name: 'int8 in integers', rule: () => '', settings: { weights: 'int8', arithmetic: 'integer' } },
  { name: 'hlf', factor: 10, rule: (to) => `rnn: hlf(k=1) to ${to}x` },
  { name: 'lmf', factor: 10, rule: (to) => `rnn: lmf to ${to}x` },
  { name: 'kp', factor: 30, rule: (to) => `rnn: kp to ${to}x` },
  { name: 'dkp, entries', factor: 25, rule: (to) => `rnn: dkp to ${to}x` },
  { name: 'dkp, 8x4 blocks', factor: 25, rule: (to) => `rnn: dkp(block=8x4) to ${to}x` },
  { name: 'prune, entries', factor: 10, rule: (to) => `rnn: prune to ${to}x` },
  { name: 'prune, 8x4 blocks', factor: 10, rule: (to) => `rnn: prune(block=8x4) to ${to}x` },
  { name: 'circulant', factor: 8, rule: (to) => `rnn: circulant to ${to}x` },
].filter(
  ({ name }) =>
    options.only === undefined || name === 'dense' || options.only.split(',').some((word) => name.startsWith(word)),
);

const cores = ['cortex-a53', 'cortex-a57', 'neoverse-n1'];
const units = [64, 128, 256, 512, 650, 1024, 1536, 2048];
const factors = [1.5, 2, 3, 5, 8, 10, 15, 20, 25, 30, 40, 50];
const atFactors = 650;

const overUnits = methods.flatMap((method) => units.map((hidden) => ({ ...method, hidden })));
const overFactors = methods
  .filter(({ factor }) => factor !== undefined)
  .flatMap((method) => factors.map((factor) => ({ ...method, hidden: atFactors, factor })));

/** Everything that a point depends on: rooms whose code ends in the emitted program or in its prediction. */
const root = resolve(here, '../..');
const rooms = ['kernels', 'methods', 'layers', 'lower', 'targets/c-family', 'tensor'].map((room) => `dist/${room}`);
const compiler = hashOf(
  ...[...rooms, 'templates'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(js|hbs)$/.test(entry.name) && !entry.name.includes('.test.'))
      .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name))),
  ),
);

/** The processor that a program is emitted for where a core's model counts it. */
const cpuFor = (core) => (core === 'cortex-a53' ? core : 'cortex-a73');

/** What the plan says of a point: bytes and cycles; or why the method does not reach the factor. */
const planned = ({ rule, factor, hidden, settings }) =>
  kept(hashOf('planned', compiler, rule(factor), String(hidden), JSON.stringify(settings ?? {})), () => {
    try {
      const planFor = (cpu) => planForm(rule(factor), { hidden, ...settings, cpu });
      const plans = new Map([...new Set(cores.map(cpuFor))].map((cpu) => [cpu, planFor(cpu)]));
      const predicted = cores.map((core) => [core, plans.get(cpuFor(core)).cyclesOn(core)]);
      return { bytes: plans.get(cpuFor('cortex-a57')).plan.weightBytes, predicted: Object.fromEntries(predicted) };
    } catch (error) {
      return { refused: String(error.message).split('\n')[0] };
    }
  });

/** By what flags each model is counted: integers have products of dots on the N1, which the A73 has not. */
const runsOf = (settings) => {
  const newer = settings?.arithmetic === 'integer';
  return [
    ...(options.a53 ? [{ cpu: cpuFor('cortex-a53'), models: ['cortex-a53'] }] : []),
    { cpu: cpuFor('cortex-a57'), models: ['cortex-a57', ...(newer ? [] : ['neoverse-n1'])] },
    ...(newer ? [{ cpu: 'cortex-a76', emulated: 'max', models: ['neoverse-n1'] }] : []),
  ];
};

/** Cycles that the emitted program takes, by the counts of its runs. */
function counted({ rule, factor, hidden, settings }) {
  const runs = runsOf(settings);
  const words = [rule(factor), String(hidden), JSON.stringify(settings ?? {}), JSON.stringify(runs)];
  return kept(hashOf('counted', compiler, ...words), async () => {
    const folder = join(out, 'emitted', 'sizes');
    const found = {};
    for (const run of runs) {
      rmSync(folder, { recursive: true, force: true });
      const { sources } = emitForm(folder, rule(factor), { hidden, ...settings, cpu: run.cpu });
      const { cycles } = await countEmitted(folder, sources, { ...run, compiler: 'gcc', keepsBinary: false });
      Object.assign(found, cycles);
    }
    rmSync(folder, { recursive: true, force: true });
    return found;
  });
}

/** Points one after the other; `counted` is there for those that are affordable. */
async function measured(points) {
  const results = [];
  for (const { name, factor, hidden, ...how } of points) {
    const point = { name, factor, hidden, ...how };
    const plan = await planned(point);
    // What the others are held against is counted at any price.
    const reference = name === 'dense' && hidden === atFactors;
    const affordable = plan.predicted !== undefined && (reference || plan.predicted['cortex-a57'] <= effort);
    results.push({ name, factor, hidden, ...plan, ...(affordable ? { counted: await counted(point) } : {}) });
    const said = plan.refused ?? `${Math.round(plan.predicted['cortex-a57'] / 1000)} kcycles predicted`;
    console.error(`${name}${factor === undefined ? '' : ` to ${factor}x`}, ${hidden} units: ${said}`);
  }
  return results;
}

const results = { cores, units: await measured(overUnits), factors: await measured(overFactors) };
mkdirSync(out, { recursive: true });
const tables = sizesTables(results);
writeFileSync(join(out, 'sizes.json'), `${JSON.stringify(results, null, 2)}\n`);
writeFileSync(join(out, 'sizes.md'), tables);
writeFileSync(join(out, 'units.svg'), unitsChart(results));
writeFileSync(join(out, 'factors.svg'), factorsChart(results));
console.log(tables);
