/** What the self-test checks besides golden values: refusals, and that all ways to run a model agree. */
import { runLengths } from '../../lower/run-lengths.js';
import type { View } from '../render.js';
import { maxSteps, type NamedOutput, type Program } from './program.js';

interface Refusal {
  readonly what: string;
  readonly call: string;
  readonly code: string;
}

/** Where a test puts an output. */
export const outputBuffer = (output: NamedOutput) => ({ type: 'float', name: `got_${output.id}`, size: output.size });

/** A call with the test's weights and state; outputs go to `got_...`. */
export const testCall = (name: string, values: readonly string[], outputs: readonly NamedOutput[]): string =>
  callWith(name, [...values, ...outputs.map(({ id }) => `got_${id}`)]);

/** A call with the test's weights and state. */
export const callWith = (name: string, values: readonly (string | number)[]): string =>
  `${name}(${['&weights', '&state', ...values].join(', ')})`;

/** Wrong arguments and the code each must give. */
export function refusalView(program: Program): View {
  const { inputs, outputs, classifier } = program;
  const top = [
    { type: 'int32_t', name: 'some_ids', size: 1 },
    { type: 'float', name: 'some_scores', size: 1 },
  ];
  const given = inputs.map(({ id, kind, size }) => ({
    type: kind === 'ids' ? 'int32_t' : 'float',
    name: `some_${id}`,
    size: kind === 'ids' ? 1 : size,
  }));
  return {
    refusedIds: refusedIds(program),
    refusals: [...pointerRefusals(program), ...idRefusals(program), ...countRefusals(program)],
    refusalBuffers: [...given, ...outputs.map(outputBuffer), ...(classifier === undefined ? [] : top)],
  };
}

const someInputs = ({ inputs }: Program): string[] => inputs.map(({ id }) => `some_${id}`);

function pointerRefusals(program: Program): Refusal[] {
  const { p, P, outputs } = program;
  const run = testCall(`${p}_run`, [...someInputs(program), '1'], outputs);
  const misplaced = `${p}_weights_from_blob(&weights, (const char *)&weights + 1, 1)`;
  return [
    { what: 'no weights', call: `${p}_weights_default(NULL)`, code: `${P}_E_NULL` },
    { what: 'no blob', call: `${p}_weights_from_blob(&weights, NULL, 0)`, code: `${P}_E_NULL` },
    { what: 'no state', call: run.replace('&state', 'NULL'), code: `${P}_E_NULL` },
    { what: 'a blob off its alignment', call: misplaced, code: `${P}_E_ALIGN` },
  ];
}

/** Ids outside the vocabulary of the first input of ids. */
function refusedIds({ inputs }: Program): readonly { readonly name: string; readonly id: string }[] {
  const first = inputs.find(({ kind }) => kind === 'ids');
  if (first === undefined) return [];
  return [
    { name: 'id_below', id: '-1' },
    { name: 'id_above', id: first.constant },
  ];
}

/** The first input of ids is given one outside its vocabulary. */
function idRefusals(program: Program): Refusal[] {
  const { p, P, inputs, outputs } = program;
  const first = inputs.find(({ kind }) => kind === 'ids');
  if (first === undefined) return [];
  const runs = program.steps ? [`${p}_run`, `${p}_run_all`] : [`${p}_run`];
  return refusedIds(program).flatMap(({ name, id }) => {
    const values = [...inputs.map((input) => (input === first ? name : `some_${input.id}`)), '1'];
    return runs.map((run) => ({ what: `id ${id}`, call: testCall(run, values, outputs), code: `${P}_E_TOKEN` }));
  });
}

function countRefusals(program: Program): Refusal[] {
  const { p, P, inputs, outputs, classifier, plan } = program;
  const none = testCall(`${p}_run`, [...someInputs(program), '0'], outputs);
  const long = testCall(`${p}_run`, [...someInputs(program), `${maxSteps(program)} + 1`], outputs);
  const one = inputs.map(({ id, kind }) => (kind === 'ids' ? '0' : `some_${id}`));
  const counts = classifier === undefined ? [] : ['0', `${classifier.constant} + 1`];
  return [
    { what: 'no steps', call: none, code: `${P}_E_COUNT` },
    ...(plan.maxSteps === undefined ? [] : [{ what: 'too many steps', call: long, code: `${P}_E_COUNT` }]),
    ...counts.map((k) => ({
      what: `k = ${k}`,
      call: callWith(`${p}_step_top`, [...one, k, 'some_ids', 'some_scores']),
      code: `${P}_E_K`,
    })),
  ];
}

/**
 * Calls over the golden inputs again and again, in one run and in runs one behind the other, give what single steps
 * give, bit by bit.
 */
export function consistencyView(program: Program, count: number): View {
  const { p, inputs, outputs, classifier, states, plan } = program;
  if (plan.maxSteps !== undefined || count === 0) return { consistent: false };
  const { whole, parts } = runLengths(plan.run, count);
  const rows = outputs.some(({ perStep }) => perStep);
  const longest = Math.max(0, ...parts);
  return {
    consistent: true,
    stepCount: whole,
    rows,
    inParts: parts.length > 0,
    parts: parts.join(', '),
    states: states.map(({ id }) => ({ id })),
    runInputs: inputs.map(({ id, kind, size }) => ({
      id,
      type: kind === 'ids' ? 'int32_t' : 'float',
      total: kind === 'ids' ? whole : whole * size,
      golden: kind === 'ids' ? count : count * size,
    })),
    outputs: outputs.map(({ id, size, perStep }) => ({
      id,
      size,
      perStep,
      atEnd: !perStep,
      total: perStep ? size * whole : size,
      part: perStep ? size * longest : size,
    })),
    ...runCalls(program, whole, rows),
    ...(classifier === undefined ? { top: false } : topView(p, valuesOf(program, 'i'), classifier)),
  };
}

/** A run over the whole sequence, one over a part of it, and a step by itself: a run of one where there is no other. */
function runCalls(program: Program, whole: number, rows: boolean): View {
  const { p, inputs, outputs, steps } = program;
  const runs = rows ? `${p}_run_all` : `${p}_run`;
  const to = (buffer: string): readonly string[] => outputs.map(({ id }) => `${buffer}_${id}`);
  const all = [...inputs.map(({ id }) => `run_${id}`), whole];
  const single = steps ? `${p}_step` : `${p}_run`;
  const one = steps ? valuesOf(program, 'i') : [...rowsFrom(program, 'i'), '1'];
  return {
    runs,
    runCall: callWith(`${p}_run`, [...all, ...to('last')]),
    runAllCall: callWith(`${p}_run_all`, [...all, ...to('every')]),
    partCall: callWith(runs, [...rowsFrom(program, 'start'), 'n', ...to('part')]),
    single,
    singleCall: testCall(single, one, outputs),
  };
}

/** What a single step is given. */
const valuesOf = ({ inputs }: Program, step: string): string[] =>
  inputs.map(({ id, kind, constant }) => (kind === 'ids' ? `run_${id}[${step}]` : `run_${id} + ${step} * ${constant}`));

/** What a run is given that begins at a step. */
const rowsFrom = ({ inputs }: Program, step: string): string[] =>
  inputs.map(({ id, kind, constant }) => `run_${id} + ${step}${kind === 'ids' ? '' : ` * ${constant}`}`);

function topView(p: string, values: readonly string[], classifier: NamedOutput): View {
  const k = Math.min(3, classifier.size);
  return {
    top: true,
    k,
    topCall: callWith(`${p}_step_top`, [...values, k, 'ids', 'scores']),
    logits: `got_${classifier.id}`,
    classes: classifier.size,
  };
}
