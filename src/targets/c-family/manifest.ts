/** `manifest.json`: the emitted program in numbers. */
import { activationBound } from '../../kernels/error-bounds.js';
import { formOf } from '../../kernels/regions.js';
import type { GoldenVectors } from '../../lower/golden-vectors.js';
import type { Region } from '../../lower/inference-plan.js';
import { planSummary } from '../../lower/inference-summary.js';
import { type Blob, headerBytes } from './blob.js';
import type { EmitInput } from './emit-input.js';
import { processorFlags } from './processors.js';
import { type Program, stateBytes, workFloats } from './program.js';

const hex = (value: bigint): string => value.toString(16).padStart(16, '0');

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

/** The facts, in the order in which they are printed. */
export function manifestOf(program: Program, input: EmitInput, blob: Blob, files: readonly string[]): object {
  const { plan, options, trained, golden, words, labels } = input;
  const summary = planSummary(plan);
  return {
    format: 1,
    model: plan.model,
    target: options.target,
    prefix: program.p,
    cpu: options.cpu,
    activation: options.activation,
    activationBound: activationBound(options.activation),
    trained,
    flags: processorFlags(options.cpu),
    inputs: plan.inputs.map(({ name, kind, size }) => ({ name, kind, size })),
    outputs: program.outputs.map(({ layer, size, perStep, classifies }) => ({ layer, size, perStep, classifies })),
    weights: {
      bytes: plan.weightBytes,
      blobBytes: headerBytes + plan.weightBytes,
      hash: hex(blob.weightsHash),
      layoutHash: hex(blob.layoutHash),
    },
    vocabulary: words === undefined ? null : { words: words.length, hash: hex(blob.vocabularyHash) },
    ...(labels === undefined ? {} : { labels: labels.length }),
    memory: { stateBytes: stateBytes(program), workBytes: 4 * workFloats(plan) },
    multiplyAdds: { step: summary.multiplyAdds, finish: summary.finishMultiplyAdds },
    perLayer: summary.layers,
    regions: plan.regions.map(regionFacts),
    buffers: plan.buffers.map(({ purpose, size, offset, role }) => ({ purpose, size, offset, role })),
    ...(plan.maxSteps === undefined ? {} : { maxSteps: plan.maxSteps }),
    golden: { ...goldenCounts(golden), largestBound: largestBound(golden) },
    files,
    ...input.manifest,
  };
}
