/** What the self-test checks besides golden values: refusals, and that all ways to run a model agree. */
import type { View } from '../render.js';
import { maxSteps, type NamedInput, type NamedOutput, type Program } from './program.js';

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

/** One call over several blocks of golden inputs gives what single steps give, bit by bit. */
export function consistencyView(program: Program, count: number): View {
  const { p, inputs, outputs, classifier, steps, states, plan } = program;
  if (!steps || count === 0) return { consistent: false };
  const stepCount = Math.max(count, plan.run === undefined ? 0 : 2 * plan.run.steps + 3);
  const at = (i: NamedInput): string => (i.kind === 'ids' ? `run_${i.id}[i]` : `run_${i.id} + i * ${i.constant}`);
  const all = [...inputs.map(({ id }) => `run_${id}`), stepCount];
  return {
    consistent: true,
    stepCount,
    states: states.map(({ id }) => ({ id })),
    runInputs: inputs.map(({ id, kind, size }) => ({
      id,
      type: kind === 'ids' ? 'int32_t' : 'float',
      total: kind === 'ids' ? stepCount : stepCount * size,
      golden: kind === 'ids' ? count : count * size,
    })),
    outputs: outputs.map(({ id, size }) => ({ id, size, total: size * stepCount })),
    singleCall: testCall(`${p}_step`, inputs.map(at), outputs),
    runCall: callWith(`${p}_run`, [...all, ...outputs.map(({ id }) => `last_${id}`)]),
    runAllCall: callWith(`${p}_run_all`, [...all, ...outputs.map(({ id }) => `every_${id}`)]),
    ...(classifier === undefined ? { top: false } : topView(p, inputs.map(at), classifier)),
  };
}

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
