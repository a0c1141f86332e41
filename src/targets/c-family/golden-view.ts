/** The self-test's golden arrays and the cases that compare with them. */
import type {
  GoldenOutput,
  GoldenSequence,
  GoldenStep,
  GoldenValues,
  GoldenVectors,
} from '../../lower/golden-vectors.js';
import type { StepInput } from '../../lower/plan-runner.js';
import { defined } from '../../support/assert.js';
import type { View } from '../render.js';
import { GoldenArrays } from './golden-arrays.js';
import { WordHash } from './hash.js';
import { hexLiteral } from './literals.js';
import { oddTurnsAfter } from './loop-functions.js';
import type { NamedInput, NamedOutput, Program } from './program.js';
import { testCall as call, callWith, consistencyView, outputBuffer, refusalView } from './selftest-checks.js';

interface Case {
  readonly name: string;
  readonly buffers: readonly { readonly type: string; readonly name: string; readonly size: number | string }[];
  readonly load: readonly string[];
  readonly call: string;
  readonly compare: readonly string[];
}

/** Fills `c/selftest.c`. */
export function selftestView(program: Program, golden: GoldenVectors): View {
  const arrays = new GoldenArrays();
  const cases = golden.steps.map((step, i) => stepCase(program, step, i, arrays));
  if (golden.steps.length > 0) cases.push(sequenceCase(program, golden, arrays));
  cases.push(...wholeCases(program, golden.sequences, arrays));
  const exact = golden.steps.some((step) => step.exact !== undefined);
  return {
    arrays: arrays.all,
    cases,
    exact,
    ...refusalView(program),
    ...consistencyView(program, golden.steps.length),
  };
}

/** One golden step from its golden state. */
function stepCase(program: Program, step: GoldenStep, index: number, arrays: GoldenArrays): Case {
  const { p, inputs, outputs, states, steps } = program;
  const prefix = `step_${index}`;
  const values = inputs.map((input, i) => {
    const value = stepInput(input, defined(step.inputs[i], input.name), `${prefix}_${input.id}`, arrays);
    return steps || input.kind === 'features' ? value : arrays.ids(`${prefix}_${input.id}`, [Number(value)]);
  });
  const load = states.map((state, i) => {
    const wanted = `${prefix}_${state.id}_before`;
    const comment = `${state.layer} ${state.name} before step ${index}`;
    const name = arrays.floats(wanted, comment, defined(step.before[i], wanted));
    return `memcpy(state.${state.id}[0], ${name}, sizeof ${name});`;
  });
  const compared = outputs
    .filter((output) => output.perStep)
    .map((output) => compareOutput(output, step.outputs, prefix, arrays));
  const perStep = outputs.filter((output) => output.perStep);
  perStep.forEach(({ id }, i) => {
    if (step.exact !== undefined) compared.push(sameBits(`${prefix} ${id}`, `got_${id}`, step.exact.outputs[i]!));
  });
  states.forEach((state, i) => {
    const wanted = `${prefix}_${state.id}_after`;
    const comment = `${state.layer} ${state.name} after step ${index}`;
    const names = arrays.bounded(wanted, comment, defined(step.after[i], wanted));
    compared.push(`compare("${prefix} ${state.id}", state.${state.id}[state.now], ${names}, ${state.width});`);
    const bits = step.exact?.after[i];
    if (bits !== undefined) compared.push(sameBits(`${prefix} ${state.id}`, `state.${state.id}[state.now]`, bits));
  });
  return {
    name: prefix,
    buffers: outputs.map(outputBuffer),
    load,
    call: steps ? call(`${p}_step`, values, outputs) : call(`${p}_run`, [...values, '1'], outputs),
    compare: compared,
  };
}

function sameBits(what: string, got: string, expected: Float32Array): string {
  const { value } = new WordHash().add(new Uint8Array(expected.buffer, expected.byteOffset, expected.byteLength));
  return `same_bits("${what}", ${got}, UINT64_C(${hexLiteral(value)}), ${expected.length});`;
}

/** The whole golden sequence by one call, from a zero state. */
function sequenceCase(program: Program, golden: GoldenVectors, arrays: GoldenArrays): Case {
  const { p, inputs, outputs } = program;
  const count = golden.steps.length;
  const fed = golden.steps.map((step) => step.inputs);
  const values = inputs.map((input, i) => inputOfAll(input, fed, i, arrays));
  return {
    name: 'sequence',
    buffers: outputs.map(outputBuffer),
    load: [],
    call: call(`${p}_run`, [...values, `${count}`], outputs),
    compare: outputs
      .filter((output) => !output.perStep)
      .map((output) => compareOutput(output, golden.final, 'sequence', arrays)),
  };
}

/** The array of one input at all steps. */
function inputOfAll(input: NamedInput, fed: GoldenSequence['inputs'], place: number, arrays: GoldenArrays): string {
  const all = fed.map((values) => defined(values[place], input.name));
  const name = `all_${input.id}`;
  return input.kind === 'ids' ? arrays.ids(name, all as number[]) : arrays.floats(name, input.name, joined(all));
}

/** Whole sequences of a model that takes nothing less: all are fed what the longest begins with. */
function wholeCases(program: Program, sequences: readonly GoldenSequence[], arrays: GoldenArrays): Case[] {
  const longest = sequences.at(-1);
  if (longest === undefined) return [];
  const fed = program.inputs.map((input, i) => inputOfAll(input, longest.inputs, i, arrays));
  return sequences.map((sequence, i) => wholeCase(program, sequence, { prefix: `whole_${i}`, fed, arrays }));
}

/** Whatever a state holds, a run over a whole sequence begins from zero; a NaN would be seen. */
const spoilState = 'memset(&state, 0xff, sizeof state);';

/** A whole sequence, outputs of every step and of the last one. */
function wholeCase(
  program: Program,
  { inputs: own, steps, final, after }: GoldenSequence,
  { prefix, fed, arrays }: { readonly prefix: string; readonly fed: readonly string[]; readonly arrays: GoldenArrays },
): Case {
  const { p, outputs } = program;
  const count = own.length;
  const values = [...fed, `${count}`];
  const every = outputs.some((output) => output.perStep);
  const compared = outputs.map((output) => {
    const rows = output.perStep ? steps : [final];
    return compareOutput(output, joinedRows(output, rows), prefix, arrays);
  });
  compared.push(...statesAfter(program, after, { prefix, count, arrays }));
  const last = callWith(`${p}_run`, [...values, ...outputs.map(({ id }) => `last_${id}`)]);
  const agreed = outputs.map(({ id, size, perStep }) => {
    const row = perStep ? `got_${id} + ${(count - 1) * size}` : `got_${id}`;
    return `expect("${prefix} ${id} of ${p}_run", memcmp(last_${id}, ${row}, sizeof last_${id}), 0);`;
  });
  return {
    name: prefix,
    buffers: outputs.flatMap(({ id, size, perStep }) => [
      { type: 'float', name: `got_${id}`, size: perStep ? count * size : size },
      { type: 'float', name: `last_${id}`, size },
    ]),
    load: [spoilState],
    call: call(`${p}_run${every ? '_all' : ''}`, values, outputs),
    compare: [...compared, spoilState, `expect("${prefix} ${p}_run", ${last}, 0);`, ...agreed],
  };
}

/** Every state after a whole sequence: what is made in the first loops, before it goes through all others. */
function statesAfter(
  program: Program,
  after: readonly GoldenValues[],
  { prefix, count, arrays }: { readonly prefix: string; readonly count: number; readonly arrays: GoldenArrays },
): string[] {
  return program.states.map((state, i) => {
    const wanted = `${prefix}_${state.id}_after`;
    const names = arrays.bounded(wanted, `${state.layer} ${state.name} after ${prefix}`, defined(after[i], wanted));
    const copy = count % 2 === 1 && oddTurnsAfter(program, state) ? 'state.now ^ 1u' : 'state.now';
    return `compare("${prefix} ${state.id}", state.${state.id}[${copy}], ${names}, ${state.width});`;
  });
}

/** The rows of an output behind each other. */
function joinedRows({ layer }: NamedOutput, rows: readonly (readonly GoldenOutput[])[]): readonly GoldenOutput[] {
  const own = rows.flatMap((row) => row.filter((output) => output.layer === layer));
  const values = joined(own.map((output) => output.values));
  return [{ layer, values, bounds: joined(own.map((output) => output.bounds)) }];
}

const joined = (parts: readonly StepInput[]): Float32Array =>
  Float32Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));

/** What one step is given for an input: an id as it is, everything else as an array. */
function stepInput(input: NamedInput, value: StepInput, name: string, arrays: GoldenArrays): string {
  if (typeof value === 'number') return String(value);
  return arrays.floats(name, input.name, value);
}

function compareOutput(
  output: NamedOutput,
  golden: readonly GoldenOutput[],
  prefix: string,
  arrays: GoldenArrays,
): string {
  const wanted = `${prefix}_${output.id}`;
  const expected = defined(
    golden.find(({ layer }) => layer === output.layer),
    wanted,
  );
  const names = arrays.bounded(wanted, `${output.layer} of ${prefix}`, expected);
  return `compare("${prefix} ${output.id}", got_${output.id}, ${names}, ${expected.values.length});`;
}
