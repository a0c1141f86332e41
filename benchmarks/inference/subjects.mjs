/**
 * What is measured of rnnc: the LSTM layer with 650 units over 650 features (one matrix of 2600x1300 values) in each
 * of its forms, as the product alone, as a whole step and as a run of 10 steps. Emits the C of each.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { untrainedWeights } from '../../dist/cli/build-folder.js';
import { compile } from '../../dist/compile.js';
import { coreOf } from '../../dist/kernels/cores.js';
import { Recorder } from '../../dist/kernels/recorder.js';
import { renumberRegions } from '../../dist/kernels/uses.js';
import { goldenVectors } from '../../dist/lower/golden-vectors.js';
import { lowerInference } from '../../dist/lower/inference.js';
import { trainedKept } from '../../dist/lower/inference-kept.js';
import { placeBuffers } from '../../dist/lower/inference-memory.js';
import { placeRegions } from '../../dist/lower/inference-regions.js';
import { cyclesOfCalls, ratesOf, regionFormats } from '../../dist/lower/modelled-step.js';
import { formatsOf } from '../../dist/model/formats.js';
import { tensorPath } from '../../dist/model/model.js';
import { headerBytes } from '../../dist/targets/c-family/blob.js';
import { emitFamily } from '../../dist/targets/c-family/emit-family.js';

/** The compress rule of each form. */
export const forms = {
  dense: '',
  hlf: 'rnn: hlf(k=1) to 10x',
  lmf: 'rnn: lmf to 10x',
  'hlf-2.5x': 'rnn: hlf(k=1) to 2.5x',
  'hlf-10/3x': 'rnn: hlf(k=1) to 3.3333x',
  'hlf-5x': 'rnn: hlf(k=1) to 5x',
  kp: 'rnn: kp(B=13x65, C=50x20)',
  dkp: 'rnn: dkp(B=13x65, C=50x20) to 25x',
  ...Object.fromEntries([8, 50, 64, 325, 650].map((block) => [`circulant-${block}`, `rnn: circulant(block=${block})`])),
  'dkp-8x4': 'rnn: dkp(B=13x65, C=50x20, block=8x4) to 25x',
};

const modelText = (form, { hidden, inputs, target, cpu, activation, weights, arithmetic }) => `language 1
model ours {
  x   = features(${inputs})
  rnn = lstm(x, ${hidden})
}
${form === '' ? '' : `compress { ${form} }`}
emit ${target} { activation = ${activation} weights = ${weights} arithmetic = ${arithmetic} prefix = ours${target === 'neon' ? ` cpu = ${cpu}` : ''} }
`;

function checked(text) {
  const { model } = compile(
    'ours.cmp',
    () => text,
    ({ message }) => {
      throw new Error(`${message}\n${text}`);
    },
  );
  return model;
}

/** The plan of a layer's products alone: y = bias + W x, x being the input and the state behind each other. */
function productPlan(model, facts) {
  const layer = model.layers.find(({ name }) => name === 'rnn');
  const { rows, columns, gates } = layer.shape.family;
  const recorder = new Recorder(facts);
  const calls = [];
  const width = columns.reduce((sum, n) => sum + n, 0);
  const x = recorder.buffer('x input', width, 'work');
  const y = recorder.buffer('y', rows * gates.length, 'work');
  recorder.enter('product', calls);
  recorder.bias('rnn.bias', y);
  for (const { path, weight } of layer.units) {
    const paths = Object.fromEntries(Object.keys(weight.tensors).map((name) => [name, tensorPath(path, name)]));
    weight.plan(recorder, x, y, paths);
  }
  const { regions, weightBytes, renumber } = placeRegions(recorder.layouts);
  const step = calls.map((call) => renumberRegions(call, renumber));
  const schedule = { loops: [step], finish: [], maxSteps: 1, fed: [x.id], readEachStep: [y.id], readAtEnd: [] };
  return {
    model: 'ours',
    inputs: [{ name: 'x', kind: 'features', size: width, buffer: x }],
    outputs: [{ layer: 'y', buffer: y, perStep: true, classifies: false }],
    states: [],
    ...placeBuffers(recorder.buffers, schedule),
    maxSteps: undefined,
    earlier: [],
    step,
    finish: [],
    regions,
    weightBytes,
  };
}

/** What stands for the calls of a user: one warm call, then one that is counted. */
const mainText = ({ inputs, outputs, steps }, source, call) => `#include "${source}"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
void roi_begin(void);
void roi_end(void);
__attribute__((noinline)) void roi_begin(void) { __asm__ volatile("" : : : "memory"); }
__attribute__((noinline)) void roi_end(void) { __asm__ volatile("" : : : "memory"); }
static ours_weights weights;
static ours_state state;
static float in[${inputs * steps}], out[${outputs}];
int main(int argc, char **argv)
{
    const long rounds = argc > 1 ? atol(argv[1]) : 1;
    double best = 1e30;
    long i;
    if (ours_weights_default(&weights) != 0 || ours_reset(&state) != 0)
        return 1;
    for (i = 0; i < ${inputs * steps}; i++)
        in[i] = (float)((i * 37) % 101) / 101.0f - 0.5f;
    for (i = 0; i <= rounds; i++) {
        struct timespec begin, end;
        double taken;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        if (i > 0)
            roi_begin();
        if (${call} != 0)
            return 1;
        if (i > 0)
            roi_end();
        clock_gettime(CLOCK_MONOTONIC, &end);
        taken = (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
        best = i > 0 && taken < best ? taken : best;
    }
    printf("%.0f\\n", best);
    return 0;
}
`;

const defaults = {
  hidden: 650,
  target: 'neon',
  cpu: 'cortex-a73',
  activation: 'std',
  weights: 'float32',
  arithmetic: 'float32',
  what: 'step',
};

/** Untrained weights of the last form that was asked for: its plans for several processors share them. */
let drawn;
function drawnWeights(model, ...key) {
  const name = key.join(' ');
  if (drawn?.name !== name) drawn = { name, loaded: untrainedWeights(model) };
  return drawn.loaded;
}

/** A form as a plan, with untrained weights, and its modelled cycles on a core: `what` is product, step or run. */
export function planForm(form, options = {}) {
  const { what, ...settings } = { ...defaults, ...options };
  settings.inputs ??= settings.hidden;
  const model = checked(modelText(forms[form] ?? form, settings));
  const [emit] = model.emits;
  const loaded = drawnWeights(model, form, settings.hidden, settings.inputs, settings.weights);
  const kept = trainedKept(model, loaded.weights);
  const facts = {
    keptOf: (tensor) => kept.get(tensor),
    formatOf: formatsOf(model, emit.weights, emit.arithmetic),
    cpu: emit.cpu,
  };
  const plan = what === 'product' ? productPlan(model, facts) : lowerInference(model, facts);
  const cyclesOn = (core) => cyclesOfCalls(plan.step, ratesOf(plan, coreOf(core).rates), regionFormats(plan));
  return { what, settings, emit, plan, weights: loaded.weights, cyclesOn };
}

/**
 * Emits a form into a folder. Returns its sources and sizes in bytes: predicted, and of the blob that is there.
 */
export function emitForm(folder, form, options = {}) {
  const { what, settings, emit, plan, weights, cyclesOn } = planForm(form, options);
  const golden = goldenVectors(plan, weights, { seed: 1, steps: 1, activation: emit.activation });
  const input = { plan, weights, trained: false, golden, options: emit, manifest: {} };
  mkdirSync(folder, { recursive: true });
  const files = emitFamily(input, settings.target === 'neon' ? 'neon' : 'c', 0);
  for (const { path, contents } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
  const steps = what === 'run' ? 10 : 1;
  const sizes = { inputs: plan.inputs[0].size, outputs: plan.outputs[0].buffer.size, steps };
  // A product is called from inside, so that only its own calls are counted, with x copied to where it is read.
  const product = what === 'product';
  const source = product ? 'ours.c' : 'ours.h';
  const call = product
    ? '(advance(&weights, &state, in), 0)'
    : what === 'run'
      ? `ours_run(&weights, &state, in, 10, out)`
      : `ours_step(&weights, &state, in, out)`;
  writeFileSync(join(folder, 'main.c'), mainText(sizes, source, call));
  const tools = /_(selftest|bench|run)\.c$/;
  const library = files.map(({ path }) => path).filter((path) => /\.[cS]$/.test(path) && !tools.test(path));
  const blob = files.find(({ path }) => path.endsWith('.bin'));
  return {
    sources: [...library.filter((path) => !product || path !== 'ours.c'), 'main.c'],
    predictedBytes: plan.weightBytes,
    predictedCycles: cyclesOn,
    emittedBytes: blob.contents.length - headerBytes,
    steps,
  };
}
