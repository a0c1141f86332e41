/** The folder of emitted C, portable or with NEON intrinsics: every view filled in, every file named. */

import { isExactPlan } from '../../lower/exact-steps.js';
import { listed } from '../../support/listed.js';
import { count } from '../../support/units.js';
import type { OutputFile } from '../output-file.js';
import { render, type View } from '../render.js';
import { type Blob, headerBytes, packBlob } from './blob.js';
import { buildFiles } from './build-files.js';
import { arrayLimit, type EmitInput } from './emit-input.js';
import { errorCodes } from './error-codes.js';
import { selftestView } from './golden-view.js';
import { dotsOf, hasIntegerSums } from './integer-kernels.js';
import { finishParameters, functionsOf } from './interface.js';
import { includesOf, renderKernels, type Tier } from './kernels.js';
import { alignComments, wrap } from './literals.js';
import { manifestOf } from './manifest.js';
import { maxSteps, nameProgram, type Program, stateBytes, workFloats } from './program.js';
import { runViews } from './run-story.js';
import { finishStory, stepViews } from './story.js';
import { benchView, runView } from './tools-view.js';
import { labelFiles, tableFunctions, vocabularyFiles } from './vocabulary.js';
import { arrayView, blobView, regionViews } from './weights-view.js';

/** All files, named without a folder. Blobs of more than `limit` bytes are linked in and not written as arrays. */
export function emitFamily(input: EmitInput, tier: Tier, limit = arrayLimit): readonly OutputFile[] {
  const { plan, options, words } = input;
  const program = nameProgram(plan, options.prefix);
  const blob = packBlob(plan, input.weights, words);
  const common = commonView(program, input);
  const file = (suffix: string, template: string, view: View): OutputFile => ({
    path: `${program.p}${suffix}`,
    contents: render(`c/${template}`, { ...common, ...view }),
  });
  const linked = blob.bytes.length > limit;
  const tables = [...vocabularyFiles(program, input, common), ...labelFiles(program, input, common)];
  const files = [
    file('.h', 'header.h', headerView(program)),
    file('.c', 'source.c', sourceView(program, input, tier, blob)),
    ...(linked ? linkedWeights(blob, file) : [file('_weights.c', 'weights-array.c', arrayView(program, blob))]),
    { path: `${program.p}_weights.bin`, contents: blob.bytes },
    file('_selftest.c', 'selftest.c', { ...selftestView(program, input.golden), ...wordView(input) }),
    file('_bench.c', 'bench.c', benchView(program)),
    file('_run.c', 'run.c', runView(program)),
    ...tables,
    ...buildFiles(program, input, { tier, linked, tables, common }),
  ];
  const vocabulary = tableFunctions(program, tables);
  const manifest = manifestOf(program, input, blob, { tier, linked, vocabulary, files });
  return [...files, { path: 'manifest.json', contents: `${JSON.stringify(manifest, null, 2)}\n` }];
}

/** The self-test looks words up when they are a C table; equal words would have one id. */
const wordView = ({ words, options }: EmitInput): View => ({
  wordTable: words !== undefined && options.vocabulary === 'c' && new Set(words).size === words.length,
  wordCount: words?.length ?? 0,
});

const untrained =
  'trained: false. The weights were drawn from a seed: for measuring size and speed, not for predicting.';

function commonView({ p, P, plan, inputs, outputs }: Program, { options, trained }: EmitInput): View {
  const names = inputs.map(({ name, kind, size }) => `${name} (${kind === 'ids' ? 'ids below ' : ''}${count(size)})`);
  const results = outputs.map(
    ({ layer, size, perStep }) => `${layer} (${count(size)}${perStep ? '' : ', at the end'})`,
  );
  return {
    p,
    P,
    model: plan.model,
    summary: `${names.join(', ')} to ${results.join(', ')}.`,
    cpu: options.cpu === 'any' ? 'any processor' : listed(options.cpus ?? [options.cpu]),
    activation: options.activation,
    banner: trained ? [] : [untrained],
  };
}

function headerView(program: Program): View {
  const { P, inputs, outputs, states, plan } = program;
  const longest = { name: maxSteps(program), value: plan.maxSteps, comment: 'steps of the longest sequence' };
  const sizes = [
    ...(plan.maxSteps === undefined ? [] : [longest]),
    { name: `${P}_STATE_BYTES`, value: stateBytes(program), comment: 'state and working memory' },
    ...inputs.map(({ constant, size, name, kind }) => ({
      name: constant,
      value: size,
      comment: kind === 'ids' ? `vocabulary of ${name}` : `floats of ${name} at each step`,
    })),
    ...outputs.map(({ constant, size, layer, classifies }) => ({
      name: constant,
      value: size,
      comment: classifies ? `classes of ${layer}` : `floats of ${layer}`,
    })),
  ];
  return {
    blobBytes: headerBytes + plan.weightBytes,
    codes: errorCodes(program),
    sizes,
    weightFields: alignComments(
      regionViews(program).map(({ type, name, comment }) => `const ${type} *${name}; /* ${comment} */`),
    ),
    states: states.map(({ id, width, layer, name }) => ({ name: id, width, comment: `${layer} ${name} (${width})` })),
    workSize: workFloats(plan),
    functions: functionsOf(program)
      .filter(({ exported }) => exported)
      .map(({ doc, signature }) => ({ doc: wrap(doc, 112, '   '), signature: wrap(signature, 116, '    ') })),
  };
}

function sourceView(program: Program, { options }: EmitInput, tier: Tier, blob: Blob): View {
  const { plan } = program;
  const finish = finishStory(program);
  const [loops, runs] = [stepViews(program), runViews(program)];
  return {
    includes: includesOf(program, tier, options.activation),
    choosesDots: tier === 'neon' && dotsOf(options.cpus) === 'chosen' && hasIntegerSums(program),
    exact: isExactPlan(plan, options.activation),
    kernels: renderKernels(program, tier, options),
    loops,
    stepping: loops.length > 0,
    runs,
    inBlocks: runs.length > 0,
    finishParameters: finishParameters(program),
    finishes: plan.finish.length > 0,
    finishPointers: finish.pointers,
    finishCalls: finish.calls,
    functions: functionsOf(program).map(({ signature, body }) => ({ signature: wrap(signature, 116, '    '), body })),
    ...blobView(program, blob),
  };
}

type MakeFile = (suffix: string, template: string, view: View) => OutputFile;

const linkedWeights = (blob: Blob, file: MakeFile): OutputFile[] => [
  file('_blob.S', 'blob.S', { blobBytes: blob.bytes.length }),
  file('_weights.c', 'weights-blob.c', {}),
];
