/** The self-test's arrays, cases and refusals. */
import type { GoldenOutput, GoldenStep, GoldenVectors } from '../../lower/golden-vectors.js';
import type { StepInput } from '../../lower/plan-runner.js';
import { defined } from '../../support/assert.js';
import type { View } from '../render.js';
import { arrayLines, floatLiteral } from './literals.js';
import type { NamedInput, NamedOutput, Program } from './program.js';

interface CArray {
  readonly comment: string;
  readonly type: 'float' | 'int32_t';
  readonly name: string;
  readonly count: number;
  readonly lines: readonly string[];
}
interface Case {
  readonly name: string;
  readonly buffers: readonly { readonly type: string; readonly name: string; readonly size: number | string }[];
  readonly load: readonly string[];
  readonly call: string;
  readonly compare: readonly string[];
}

const floats = (name: string, comment: string, values: Float32Array): CArray => ({
  comment,
  type: 'float',
  name,
  count: values.length,
  lines: arrayLines(Array.from(values, floatLiteral)),
});

/** Fills `c/selftest.c`. */
export function selftestView(program: Program, golden: GoldenVectors): View {
  const arrays: CArray[] = [];
  const cases = golden.steps.map((step, i) => stepCase(program, step, i, arrays));
  if (golden.steps.length > 0) cases.push(sequenceCase(program, golden, arrays));
  return { arrays, cases, ...refusalView(program), ...consistencyView(program, golden.steps.length) };
}

/** One golden step from its golden state. */
function stepCase(program: Program, step: GoldenStep, index: number, arrays: CArray[]): Case {
  const { p, inputs, outputs, states, steps } = program;
  const prefix = `step_${index}`;
  const values = inputs.map((input, i) => stepInput(input, defined(step.inputs[i], input.name), prefix, arrays, steps));
  const load = states.map((state, i) => {
    const name = `${prefix}_${state.id}_before`;
    arrays.push(floats(name, `${state.layer} ${state.name} before step ${index}`, defined(step.before[i], name)));
    return `memcpy(state.${state.id}[0], ${name}, sizeof ${name});`;
  });
  const compared = outputs
    .filter((output) => output.perStep)
    .map((output) => compareOutput(output, step.outputs, prefix, arrays));
  states.forEach((state, i) => {
    const name = `${prefix}_${state.id}_after`;
    const after = defined(step.after[i], name);
    arrays.push(floats(name, `${state.layer} ${state.name} after step ${index}`, after.values));
    arrays.push(floats(`${name}_bound`, 'how far each may be off', after.bounds));
    compared.push(
      `compare("${prefix} ${state.id}", state.${state.id}[state.now], ${name}, ${name}_bound, ${state.width});`,
    );
  });
  return {
    name: prefix,
    buffers: outputs.map(outputBuffer),
    load,
    call: steps ? call(`${p}_step`, values, outputs) : call(`${p}_run`, [...values, '1'], outputs),
    compare: compared,
  };
}

/** The whole golden sequence by one call, from a zero state. */
function sequenceCase(program: Program, golden: GoldenVectors, arrays: CArray[]): Case {
  const { p, inputs, outputs } = program;
  const count = golden.steps.length;
  const values = inputs.map((input, i) => {
    const all = golden.steps.map((step) => defined(step.inputs[i], input.name));
    const name = `all_${input.id}`;
    arrays.push(input.kind === 'ids' ? ids(name, all as number[]) : floats(name, input.name, joined(all)));
    return name;
  });
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

const ids = (name: string, values: readonly number[]): CArray => ({
  comment: 'the ids of all golden steps',
  type: 'int32_t',
  name,
  count: values.length,
  lines: arrayLines(values.map(String)),
});

const joined = (parts: readonly StepInput[]): Float32Array =>
  Float32Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));

function stepInput(input: NamedInput, value: StepInput, prefix: string, arrays: CArray[], single: boolean): string {
  const name = `${prefix}_${input.id}`;
  if (typeof value !== 'number') {
    arrays.push(floats(name, `${input.name} of ${prefix}`, value));
    return name;
  }
  if (single) return String(value);
  arrays.push({ ...ids(name, [value]), comment: `${input.name} of ${prefix}` });
  return name;
}

function compareOutput(output: NamedOutput, golden: readonly GoldenOutput[], prefix: string, arrays: CArray[]): string {
  const name = `${prefix}_${output.id}`;
  const expected = defined(
    golden.find(({ layer }) => layer === output.layer),
    name,
  );
  arrays.push(floats(name, `${output.layer} of ${prefix}`, expected.values));
  arrays.push(floats(`${name}_bound`, 'how far each may be off', expected.bounds));
  return `compare("${prefix} ${output.id}", got_${output.id}, ${name}, ${name}_bound, ${output.size});`;
}

const outputBuffer = (output: NamedOutput) => ({ type: 'float', name: `got_${output.id}`, size: output.size });

const call = (name: string, values: readonly string[], outputs: readonly NamedOutput[]): string =>
  `${name}(${['&weights', '&state', ...values, ...outputs.map(({ id }) => `got_${id}`)].join(', ')})`;

/** Wrong arguments and the code each must give. */
function refusalView(program: Program): View {
  const { p, P, inputs, outputs, classifier, steps } = program;
  const one = inputs.map((input) => (input.kind === 'ids' ? '0' : `some_${input.id}`));
  const many = inputs.map((input) => `some_${input.id}`);
  const first = inputs.findIndex((input) => input.kind === 'ids');
  const withId = (value: string): string[] => one.map((other, i) => (i === first ? value : other));
  const refusals = [
    { what: 'no weights', call: `${p}_weights_default(NULL)`, code: `${P}_E_NULL` },
    { what: 'no blob', call: `${p}_weights_from_blob(&weights, NULL, 0)`, code: `${P}_E_NULL` },
    {
      what: 'a blob off its alignment',
      call: `${p}_weights_from_blob(&weights, (const char *)&weights + 1, 1)`,
      code: `${P}_E_ALIGN`,
    },
    { what: 'no steps', call: call(`${p}_run`, [...many, '0'], outputs), code: `${P}_E_COUNT` },
    {
      what: 'no state',
      call: call(`${p}_run`, [...many, '1'], outputs).replace('&state', 'NULL'),
      code: `${P}_E_NULL`,
    },
  ];
  if (steps && first >= 0) {
    const size = inputs[first]!.constant;
    for (const value of ['-1', size])
      refusals.push({ what: `id ${value}`, call: call(`${p}_step`, withId(value), outputs), code: `${P}_E_TOKEN` });
  }
  if (classifier !== undefined)
    for (const k of ['0', `${classifier.constant} + 1`])
      refusals.push({
        what: `k = ${k}`,
        call: `${p}_step_top(${['&weights', '&state', ...one, k, 'some_ids', 'some_scores'].join(', ')})`,
        code: `${P}_E_K`,
      });
  const buffers = [
    ...inputs.map((i) => ({
      type: i.kind === 'ids' ? 'int32_t' : 'float',
      name: `some_${i.id}`,
      size: inputFloats(i),
    })),
    ...outputs.map(outputBuffer),
    ...(classifier === undefined
      ? []
      : [
          { type: 'int32_t', name: 'some_ids', size: 1 },
          { type: 'float', name: 'some_scores', size: 1 },
        ]),
  ];
  return { refusals, refusalBuffers: buffers };
}

const inputFloats = (input: NamedInput): number => (input.kind === 'ids' ? 1 : input.size);

/** One call over all golden steps gives what single steps give, bit by bit. */
function consistencyView(program: Program, count: number): View {
  const { p, inputs, outputs, classifier, steps } = program;
  if (!steps || count === 0) return { consistent: false };
  const at = (i: NamedInput): string => (i.kind === 'ids' ? `all_${i.id}[i]` : `all_${i.id} + i * ${i.constant}`);
  const all = inputs.map(({ id }) => `all_${id}`);
  return {
    consistent: true,
    stepCount: count,
    outputs: outputs.map(({ id, size }) => ({ id, size, total: size * count })),
    singleCall: call(`${p}_step`, inputs.map(at), outputs),
    runCall: `${p}_run(${['&weights', '&state', ...all, count, ...outputs.map(({ id }) => `last_${id}`)].join(', ')})`,
    runAllCall: `${p}_run_all(${['&weights', '&state', ...all, count, ...outputs.map(({ id }) => `every_${id}`)].join(', ')})`,
    top: classifier !== undefined,
    ...(classifier === undefined
      ? {}
      : {
          k: Math.min(3, classifier.size),
          topCall: `${p}_step_top(${['&weights', '&state', ...inputs.map(at), Math.min(3, classifier.size), 'ids', 'scores'].join(', ')})`,
          logits: `got_${classifier.id}`,
          classes: classifier.size,
        }),
  };
}
