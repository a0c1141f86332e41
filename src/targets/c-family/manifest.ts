/** `manifest.json`: the emitted program in numbers. */
import { activationBound } from '../../kernels/error-bounds.js';
import { formOf } from '../../kernels/regions.js';
import { isExactPlan } from '../../lower/exact-steps.js';
import type { GoldenVectors } from '../../lower/golden-vectors.js';
import type { InferencePlan, Region } from '../../lower/inference-plan.js';
import { planSummary } from '../../lower/inference-summary.js';
import type { RunPlan } from '../../lower/run-plan.js';
import type { Emit } from '../../model/model.js';
import { crc32 } from '../crc.js';
import type { OutputFile } from '../output-file.js';
import { type Blob, blobVersion, headerBytes } from './blob.js';
import type { EmitInput } from './emit-input.js';
import { errorCodesOf } from './error-codes.js';
import { functionsOf } from './interface.js';
import type { Tier } from './kernels.js';
import { processorFlags } from './processors.js';
import { type Program, stateBytes, workFloats } from './program.js';

const hex = (value: bigint): string => value.toString(16).padStart(16, '0');
const hex32 = (value: number): string => value.toString(16).padStart(8, '0');

/** Largest bound of all golden outputs and states. */
export function largestBound({ steps, final, sequences }: GoldenVectors): number {
  const ofSequences = sequences.flatMap((sequence) => [...sequence.steps.flat(), ...sequence.final, ...sequence.after]);
  const groups = [...steps.flatMap((step) => [...step.outputs, ...step.after]), ...final, ...ofSequences];
  return groups.reduce((worst, { bounds }) => bounds.reduce((a, b) => Math.max(a, b), worst), 0);
}

const goldenCounts = ({ steps, sequences }: GoldenVectors) =>
  sequences.length === 0 ? { steps: steps.length } : { sequences: sequences.length };

const regionFacts = ({ name, layout, element, elements, offset, bytes }: Region) => ({
  name,
  tensor: layout.matrix.tensor,
  rows: layout.matrix.rows,
  columns: layout.matrix.columns,
  layout: formOf(layout),
  element,
  elements,
  offset,
  bytes,
});

/** What linkers see of the library. */
function symbolsOf(program: Program, { linked, vocabulary }: EmittedParts): readonly string[] {
  const { p } = program;
  const weights = ['weights_default', 'weights_from_blob', 'weights_check', 'reset'].map((name) => `${p}_${name}`);
  const functions = functionsOf(program).flatMap(({ exported, signature }) =>
    exported ? [/\bint (\w+)\(/.exec(signature)![1]!] : [],
  );
  return [...weights, ...functions, ...vocabulary, ...(linked ? [`${p}_weights_blob`] : [])].sort();
}

/** How a file is told from a damaged copy of it. */
const fileFacts = ({ path, contents }: OutputFile) => {
  const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
  return { name: path, bytes: bytes.length, crc32: hex32(crc32(bytes)) };
};

/** CRC-32 of the weights and hash of their layout: which weights in which form. */
export const identityOf = ({ valuesCrc, layoutHash }: Blob): string => `${hex32(valuesCrc)} ${hex(layoutHash)}`;

/** What the manifest says of the folder besides the program. */
export interface EmittedParts {
  readonly tier: Tier;
  /** The weights are linked in as a file, and not as arrays. */
  readonly linked: boolean;
  /** Functions of the tables of words and labels. */
  readonly vocabulary: readonly string[];
  /** All files but the manifest. */
  readonly files: readonly OutputFile[];
}

/** Instruction sets that a tier's source compiles for. */
const architectures: Readonly<Record<Tier, readonly string[]>> = {
  c: ['any with 32-bit IEEE floats, little-endian'],
  neon: ['AArch64', 'ARMv7-A with NEON'],
};

/** Steps of a block of a run, and where its buffers lie. */
const runFacts = ({ steps, workSize, buffers }: RunPlan) => ({
  blockSteps: steps,
  workBytes: 4 * workSize,
  buffers: buffers.map(({ purpose, size, offset, role }) => ({ purpose, size, offset, role })),
});

const sequenceFacts = ({ maxSteps, run }: InferencePlan): object => ({
  ...(maxSteps === undefined ? {} : { maxSteps }),
  ...(run === undefined ? {} : { run: runFacts(run) }),
});

/** Flags for compilers, and whether all of them then give the same bits. */
function bitFacts({ plan, options }: EmitInput): object {
  const bitIdentical = isExactPlan(plan, options.activation);
  const vectors = options.calibrated ? { vectors: 'calibrated' } : {};
  return { flags: processorFlags(options.cpu, bitIdentical), bitIdentical, ...vectors };
}

const coreFacts = ({ cpu, cpus }: Emit): object => (cpus === undefined ? { cpu } : { cpu, cpus });

/** The facts, in the order in which they are printed. */
export function manifestOf(program: Program, input: EmitInput, blob: Blob, parts: EmittedParts): object {
  const { plan, options, trained, golden, words, labels } = input;
  const summary = planSummary(plan);
  return {
    format: 2,
    model: plan.model,
    target: options.target,
    prefix: program.p,
    ...coreFacts(options),
    architectures: architectures[parts.tier],
    activation: options.activation,
    activationBound: activationBound(options.activation),
    trained,
    ...bitFacts(input),
    inputs: plan.inputs.map(({ name, kind, size }) => ({ name, kind, size })),
    outputs: program.outputs.map(({ layer, size, perStep, classifies }) => ({ layer, size, perStep, classifies })),
    weights: {
      bytes: plan.weightBytes,
      blobBytes: headerBytes + plan.weightBytes,
      form: parts.linked ? 'linked' : 'arrays',
      blobVersion,
      layoutHash: hex(blob.layoutHash),
      crc32: hex32(blob.valuesCrc),
      blobCrc32: hex32(blob.blobCrc),
    },
    vocabulary: words === undefined ? null : { words: words.length, hash: hex(blob.vocabularyHash) },
    ...(labels === undefined ? {} : { labels: labels.length }),
    memory: { stateBytes: stateBytes(program), workBytes: 4 * workFloats(plan) },
    multiplyAdds: { step: summary.multiplyAdds, finish: summary.finishMultiplyAdds },
    perLayer: summary.layers,
    regions: plan.regions.map(regionFacts),
    buffers: plan.buffers.map(({ purpose, size, offset, role }) => ({ purpose, size, offset, role })),
    ...sequenceFacts(plan),
    golden: { ...goldenCounts(golden), largestBound: largestBound(golden) },
    symbols: symbolsOf(program, parts),
    errors: Object.fromEntries(errorCodesOf(program).map(({ name, value }) => [`${program.P}_E_${name}`, value])),
    files: parts.files.map(fileFacts).sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...input.manifest,
  };
}
