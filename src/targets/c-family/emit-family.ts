/** The folder of emitted C, portable or with NEON intrinsics: every view filled in, every file named. */

import type { KernelCall, RegionLayout } from '../../kernels/calls.js';
import { type ElementType, elementCount, elementType, formOf, valueCount } from '../../kernels/regions.js';
import { invariant } from '../../support/assert.js';
import { count } from '../../support/units.js';
import type { OutputFile } from '../output-file.js';
import { render, type View } from '../render.js';
import { type Blob, headerBytes, packBlob } from './blob.js';
import { buildFiles } from './build-files.js';
import { statementsOf } from './calls.js';
import { arrayLimit, type EmitInput } from './emit-input.js';
import { selftestView } from './golden-view.js';
import { functionsOf, loopParameters } from './interface.js';
import { includesOf, renderKernels, type Tier } from './kernels.js';
import { alignComments, arrayLines, floatLiteral, hexLiteral, wrap } from './literals.js';
import { loopFunctions } from './loop-functions.js';
import { manifestOf } from './manifest.js';
import { maxSteps, type NamedInput, nameProgram, Pointers, type Program, stateBytes, workFloats } from './program.js';
import { benchView, runView } from './tools-view.js';
import { labelFiles, vocabularyFiles } from './vocabulary.js';

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
  const files = [
    file('.h', 'header.h', headerView(program, blob)),
    file('.c', 'source.c', sourceView(program, input, tier, blob)),
    ...(linked
      ? linkedWeights(program, blob, file)
      : [file('_weights.c', 'weights-array.c', arrayView(program, blob))]),
    file('_selftest.c', 'selftest.c', { ...selftestView(program, input.golden), ...wordView(input) }),
    file('_bench.c', 'bench.c', benchView(program)),
    file('_run.c', 'run.c', runView(program)),
    ...vocabularyFiles(program, input, common),
    ...labelFiles(program, input, common),
  ];
  files.push(...buildFiles(program, input, { tier, linked, common }));
  const names = [...files.map(({ path }) => path), 'manifest.json'].sort();
  const manifest = `${JSON.stringify(manifestOf(program, input, blob, names), null, 2)}\n`;
  return [...files, { path: 'manifest.json', contents: manifest }];
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
    cpu: options.cpu === 'any' ? 'any processor' : options.cpu,
    activation: options.activation,
    banner: trained ? [] : [untrained],
  };
}

const elementNames = {
  float32: 'float',
  int8: 'int8_t',
  uint8: 'uint8_t',
  uint16: 'uint16_t',
  uint32: 'uint32_t',
} as const;

/** Whether several values share a byte. */
const packs = (layout: RegionLayout): boolean => elementCount(layout) !== valueCount(layout);

/** Name, type, length and place of every stored weight. */
const regionViews = (program: Program) =>
  program.regions.map(({ id, layout, elements, offset }) => {
    const { tensor, rows, columns } = layout.matrix;
    const form = formOf(layout).replace('sparse ', 'sparse, ');
    invariant(elements === elementCount(layout), `${id} has ${elements} elements`);
    return {
      name: id,
      type: elementNames[elementType(layout)],
      count: elements,
      offset,
      comment: `${tensor} (${rows}, ${columns}) as ${form}: ${count(elements)} ${packs(layout) ? 'bytes' : 'values'}`,
    };
  });

function headerView(program: Program, blob: Blob): View {
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
    blobBytes: blob.bytes.length,
    wrongCount: plan.maxSteps === undefined ? '' : `, or of more than ${maxSteps(program)}`,
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
  const finish = storyOf(program, plan.finish, undefined);
  return {
    includes: includesOf(program, tier, options.activation),
    kernels: renderKernels(program, tier, options.activation),
    loops: loopFunctions(program).map((loop) => ({
      name: loop.name,
      doc: loop.doc,
      parameters: loopParameters(program, loop),
      ...storyOf(program, loop.calls, loop.inputs),
    })),
    finishes: plan.finish.length > 0,
    finishPointers: finish.pointers,
    finishCalls: finish.calls,
    functions: functionsOf(program).map(({ signature, body }) => ({ signature: wrap(signature, 116, '    '), body })),
    regions: regionViews(program),
    headerBytes,
    layoutHash: hexLiteral(blob.layoutHash),
    vocabularyHash: hexLiteral(blob.vocabularyHash),
  };
}

/** Declarations and statements of one step of a loop that is given `fed`, or of what follows the last step. */
function storyOf(
  program: Program,
  kernelCalls: readonly KernelCall[],
  fed: readonly NamedInput[] | undefined,
): { readonly pointers: string[]; readonly calls: string[] } {
  const after = fed === undefined;
  const pointers = new Pointers(program, after, fed?.map(({ id }) => id) ?? []);
  const feeding = (fed ?? []).flatMap(({ id, buffer, size }) =>
    buffer === undefined ? [] : [`copy(${id}, ${pointers.at(buffer)}, ${size});`],
  );
  if (feeding.length > 0) feeding.unshift('', '/* ---- inputs */');
  const statements = statementsOf(kernelCalls, program, pointers);
  // A model that only keeps its last input has no weights in its step.
  const unused = statements.some((line) => line.includes('weights->')) ? [] : ['(void)weights;'];
  const calls = [...unused, ...feeding, ...statements];
  const usesNow = !after || pointers.lines.some((line) => line.includes('[now'));
  const now = usesNow ? ['const uint32_t now = state->now & 1u;'] : [];
  return { pointers: [...now, ...alignComments(pointers.lines)], calls };
}

function arrayView(program: Program, blob: Blob): View {
  return {
    regions: regionViews(program).map((region, i) => ({
      ...region,
      // C has no empty arrays.
      count: Math.max(1, region.count),
      lines: region.count === 0 ? ['0'] : arrayLines(elementsOf(region.type, blob.regions[i]!)),
    })),
    weightsHash: hexLiteral(blob.weightsHash),
  };
}

function* elementsOf(type: (typeof elementNames)[ElementType], bytes: Uint8Array): Iterable<string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 'int8_t' || type === 'uint8_t')
    for (let i = 0; i < bytes.length; i++) yield String(type === 'int8_t' ? view.getInt8(i) : view.getUint8(i));
  else if (type === 'uint16_t') for (let i = 0; i < bytes.length; i += 2) yield String(view.getUint16(i, true));
  else if (type === 'uint32_t') for (let i = 0; i < bytes.length; i += 4) yield `${view.getUint32(i, true)}u`;
  else for (let i = 0; i < bytes.length; i += 4) yield floatLiteral(view.getFloat32(i, true));
}

type MakeFile = (suffix: string, template: string, view: View) => OutputFile;

const linkedWeights = ({ p }: Program, blob: Blob, file: MakeFile): OutputFile[] => [
  { path: `${p}_weights.bin`, contents: blob.bytes },
  file('_weights.S', 'weights.S', { blobBytes: blob.bytes.length }),
  file('_weights.c', 'weights-blob.c', {}),
];
