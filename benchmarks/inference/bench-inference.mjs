/**
 * `npm run bench:inference`: every bar of the emitted C with the figure that is reached, as markdown and as JSON in
 * build/bench-inference/. Needs what `scripts/setup-toolchain.sh` installs with RNNC_BENCH=1.
 * Options: --only GROUP,... (dense, peers, hlf, kp, dkp, circulant, integer, native), --compiler gcc|clang. What has
 * not changed is not measured again.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bars, columns, rows as matrixRows, models, statedOnnxruntime } from './bars.mjs';
import { countLibrary, countOnnxruntime } from './libraries.mjs';
import { compilers, countEigen, countEmitted, countPlain, out } from './measure.mjs';
import { nativeRows } from './native.mjs';
import { emitForm } from './subjects.mjs';

const { values: options } = parseArgs({ options: { only: { type: 'string' }, compiler: { type: 'string' } } });
const wanted = (group) => options.only === undefined || options.only.split(',').includes(group);

const emitted = new Map();
function emittedForm({ what, form, weights = 'float32', arithmetic = 'float32' }, cpu) {
  const words = [what, form, ...(weights === 'float32' ? [] : [weights, arithmetic]), cpu];
  const name = words.join('-').replaceAll(/[^a-z0-9.-]+/g, '_');
  const folder = join(out, 'emitted', name);
  if (!emitted.has(name)) emitted.set(name, { folder, ...emitForm(folder, form, { what, weights, arithmetic, cpu }) });
  return emitted.get(name);
}

/** Which model predictions are held against, by what the compiler is told. */
const modelOfFlags = { 'cortex-a73': 'cortex-a57', 'cortex-a53': 'cortex-a53', 'cortex-a76': 'neoverse-n1' };

/** Counts of a figure with a compiler and a processor's flags; undefined where its library is not there. */
async function measured(figure, { compiler, cpu }) {
  const how = { compiler: figure.compiler ?? compiler, cpu: figure.cpu ?? cpu, models, emulated: figure.emulated };
  if (figure.kind === 'eigen') return countEigen(figure.args, how);
  if (figure.kind === 'plain') return countPlain(matrixRows, columns, how);
  if (figure.kind === 'onnxruntime') return onnxruntimeStep(figure.steps);
  if (figure.kind === 'library') {
    const core = cpu === 'cortex-a53' ? 'cortex-a53' : 'cortex-a57';
    return countLibrary({ ...figure, rows: matrixRows, columns, core });
  }
  const { folder, sources, steps } = emittedForm(figure, how.cpu);
  const counts = await countEmitted(folder, sources, how);
  const cycles = Object.fromEntries(Object.entries(counts.cycles).map(([core, n]) => [core, n / steps]));
  const known = [...emitted.values()].find((one) => one.folder === folder);
  const model = modelOfFlags[how.cpu];
  if (how.compiler === 'gcc' && model !== undefined)
    known.modelled = { ...known.modelled, [how.cpu]: { cpu: how.cpu, model, counted: cycles[model] } };
  return { ...counts, cycles };
}

/** One step of a call of onnxruntime over some steps: the layer of the bars, its library being as it is shipped. */
async function onnxruntimeStep(steps) {
  const counts = await countOnnxruntime({ inputs: columns / 2, units: columns / 2, steps });
  if (counts === undefined) return { cycles: { 'cortex-a57': statedOnnxruntime[steps] }, stated: true };
  return { ...counts, cycles: Object.fromEntries(Object.entries(counts.cycles).map(([core, n]) => [core, n / steps])) };
}

const bound = ({ least, most }) =>
  least === undefined ? (most === undefined ? 'information' : `<= ${most}`) : `>= ${least}`;
const isMet = ({ least, most }, reached) => {
  if (least === undefined && most === undefined) return undefined;
  return least === undefined ? reached <= most : reached >= least;
};

/** One bar with one compiler: what is reached, and whether that is met. */
async function rowOf(bar, compiler) {
  const { name, group, model, under, over, minus, times = 1 } = bar;
  const cpu = model === 'cortex-a53' ? 'cortex-a53' : 'cortex-a73';
  const how = { compiler, cpu };
  const [a, b, taken] = [await measured(over, how), await measured(under, how), minus && (await measured(minus, how))];
  const row = {
    group,
    what: name,
    compiler,
    mcpu: under.cpu ?? cpu,
    model,
    bar: bound(bar),
  };
  if (a === undefined || b === undefined) return { ...row, reached: 'not measured', met: undefined };
  const reached = (times * (a.cycles[model] - (taken?.cycles[model] ?? 0))) / b.cycles[model];
  return {
    ...row,
    what: b.stated ? `${name} (stated, measured when the bars were set)` : name,
    reached: Number(reached.toPrecision(3)),
    met: isMet(bar, reached),
    kcycles: [a, b].map(({ cycles }) => Math.round(cycles[model] / 1000)),
  };
}

const modelNames = { 'cortex-a57': 'A57', 'cortex-a53': 'A53', 'neoverse-n1': 'N1' };
const reachedBy = ({ reached, range, least }) =>
  range === undefined ? reached : `${reached} (${range.join(' to ')}; least times ${least.ratio})`;
const verdict = ({ met }) => (met === undefined ? '-' : met ? 'met' : 'MISSED');

function markdown(rows, sizes) {
  const lines = ['| what | compiler, -mcpu | model | bar | reached | kcycles | |', '|---|---|---|---|---|---|---|'];
  for (const row of rows)
    lines.push(
      `| ${row.what} | ${row.compiler}${row.mcpu === undefined ? '' : `, ${row.mcpu}`} | ${modelNames[row.model] ?? 'time'} ` +
        `| ${row.bar} | ${reachedBy(row)} | ${row.kcycles?.join(' / ') ?? ''} | ${verdict(row)} |`,
    );
  lines.push('', '| form | bytes predicted | bytes emitted | |', '|---|---|---|---|');
  for (const { form, predicted, found } of sizes)
    lines.push(`| ${form} | ${predicted} | ${found} | ${predicted === found ? 'equal' : 'DIFFERENT'} |`);
  lines.push('', '| form | -mcpu | model | kcycles predicted by the plan | counted (gcc) |', '|---|---|---|---|---|');
  for (const { form, modelled } of sizes)
    for (const { cpu, model, predicted, counted } of modelled)
      lines.push(
        `| ${form} | ${cpu} | ${modelNames[model]} | ${Math.round(predicted / 1000)} | ${Math.round(counted / 1000)} |`,
      );
  return `${lines.join('\n')}\n`;
}

const rows = [];
for (const compiler of Object.keys(compilers).filter((c) => options.compiler === undefined || c === options.compiler))
  for (const bar of bars.filter(({ group }) => wanted(group))) {
    const row = await rowOf(bar, compiler);
    rows.push(row);
    console.error(`${row.what}, ${compiler}, ${row.model}: ${row.reached} (${row.bar}) ${verdict(row)}`);
  }
if (wanted('native')) rows.push(...nativeRows());
const sizes = [...emitted].map(([form, { predictedBytes, emittedBytes, predictedCycles, modelled = {} }]) => ({
  form,
  predicted: predictedBytes,
  found: emittedBytes,
  modelled: Object.values(modelled).map((one) => ({ ...one, predicted: predictedCycles(one.model) })),
}));
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'bars.json'), `${JSON.stringify({ rows, sizes }, null, 2)}\n`);
writeFileSync(join(out, 'bars.md'), markdown(rows, sizes));
console.log(markdown(rows, sizes));
