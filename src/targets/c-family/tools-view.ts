/** Views of the bench main and of the run tool. */
import type { View } from '../render.js';
import { maxSteps, type NamedInput, type NamedOutput, type Program } from './program.js';

const inputBuffer = ({ id, kind, size }: NamedInput) => ({
  type: kind === 'ids' ? 'int32_t' : 'float',
  name: `in_${id}`,
  size: kind === 'ids' ? 1 : size,
});
const outputBuffer = ({ id, size }: NamedOutput) => ({ type: 'float', name: `out_${id}`, size });

/** What `_step` is given for an input: the value in its buffer, or where it lies. */
const inputValue = ({ id, kind }: NamedInput): string => (kind === 'ids' ? `in_${id}[0]` : `in_${id}`);

/** One time step with the values in the static buffers; a model without `_step` runs a sequence of one. */
function stepCall({ p, inputs, outputs, steps }: Program): string {
  const values = steps ? inputs.map(inputValue) : inputs.map(({ id }) => `in_${id}`);
  const rest = [...values, ...(steps ? [] : ['1']), ...outputs.map(({ id }) => `out_${id}`)];
  return `${p}_${steps ? 'step' : 'run'}(${['&weights', '&state', ...rest].join(', ')})`;
}

/** Fills `c/bench.c`. */
export function benchView(program: Program): View {
  if (program.plan.maxSteps !== undefined) return wholeBenchView(program, program.plan.maxSteps);
  return {
    what: program.steps ? 'step' : 'run of one step',
    buffers: [
      ...program.inputs.map(inputBuffer),
      ...(program.steps ? program.inputs.map(runBuffer) : []),
      ...program.outputs.map(outputBuffer),
    ],
    prepare: program.inputs.map(({ id, kind, constant }) =>
      kind === 'ids'
        ? `in_${id}[0] = (int32_t)(i % ${constant});`
        : `in_${id}[i % ${constant}] = (float)(i % 7) / 7.0f;`,
    ),
    call: stepCall(program),
    ...timedRun(program),
  };
}

/** Steps of a run that is timed: whole blocks of any size that they have. */
const timedSteps = 24;

const runBuffer = (input: NamedInput) => ({ ...allSteps(inputBuffer(input), timedSteps), name: `run_${input.id}` });

/** A run of zeros beside the single steps. */
function timedRun({ p, inputs, outputs, steps }: Program): View {
  if (!steps) return { runs: false };
  const values = [...inputs.map((input) => runBuffer(input).name), timedSteps, ...outputs.map(({ id }) => `out_${id}`)];
  return {
    runs: true,
    runSteps: timedSteps,
    runCall: `${p}_run(${['&weights', '&state', ...values].join(', ')})`,
  };
}

/** The longest sequence, of which each run changes one value. */
function wholeBenchView(program: Program, steps: number): View {
  const { p, inputs, outputs } = program;
  const values = [...inputs.map(({ id }) => `in_${id}`), maxSteps(program), ...outputs.map(({ id }) => `out_${id}`)];
  return {
    what: `run of ${steps} steps`,
    buffers: [...inputs.map((input) => allSteps(inputBuffer(input), steps)), ...outputs.map(outputBuffer)],
    prepare: inputs.map(({ id, kind, constant, size }) =>
      kind === 'ids'
        ? `in_${id}[i % ${maxSteps(program)}] = (int32_t)(i % ${constant});`
        : `in_${id}[i % ${size * steps}] = (float)(i % 7) / 7.0f;`,
    ),
    call: `${p}_run(${['&weights', '&state', ...values].join(', ')})`,
    runs: false,
  };
}

const allSteps = <B extends { readonly size: number }>(buffer: B, steps: number): B => ({
  ...buffer,
  size: buffer.size * steps,
});

/** How the run tool keeps a whole sequence, and runs it. */
function wholeView(program: Program): View {
  const { p, inputs, outputs, plan, everyStep } = program;
  if (plan.maxSteps === undefined) return { whole: false };
  const values = [...inputs.map(({ id }) => `all_${id}`), 'count', ...outputs.map(({ id }) => `out_${id}`)];
  const kept = inputs.map((input) => ({ ...inputBuffer(input), name: `all_${input.id}` }));
  const results = outputs.map(outputBuffer);
  return {
    whole: true,
    buffers: [
      ...inputs.map(inputBuffer),
      ...kept.map((buffer) => allSteps(buffer, plan.maxSteps!)),
      ...results.map((buffer) => (everyStep ? allSteps(buffer, plan.maxSteps!) : buffer)),
    ],
    longest: plan.maxSteps,
    keeping: inputs.map(({ id, kind, constant }) => {
      const place = kind === 'ids' ? 'count' : `count * ${constant}`;
      return `memcpy(all_${id} + ${place}, in_${id}, sizeof in_${id});`;
    }),
    everyStep,
    printing: outputs.map(({ id, constant }) =>
      everyStep ? `print_row(out_${id} + i * ${constant}, ${constant});` : `print_row(out_${id}, ${constant});`,
    ),
    runCall: `${p}_run${everyStep ? '_all' : ''}(${['&weights', '&state', ...values].join(', ')})`,
  };
}

/** Fills `c/run.c`. */
export function runView(program: Program): View {
  const { p, inputs, outputs, classifier } = program;
  const onlyIds = inputs.length === 1 && inputs[0]!.kind === 'ids' ? inputs[0] : undefined;
  const nll = onlyIds !== undefined && classifier !== undefined && classifier.size === onlyIds.size;
  const atEnd = !program.everyStep;
  const modes = ['logits', ...(nll ? ['nll'] : []), ...(classifier === undefined ? [] : ['top K'])];
  const values = inputs.map(inputValue);
  return {
    reads: inputs
      .map(({ name, kind, size }) => (kind === 'ids' ? `an id of ${name}` : `${size} floats of ${name}`))
      .join(', '),
    usage: [
      `${p}_run logits    the outputs, ${atEnd ? 'after the last step' : 'one line per step'}`,
      ...(nll ? [`${p}_run nll       summed -log probability of every id given those before it`] : []),
      ...(classifier === undefined ? [] : [`${p}_run top K     the K most probable ids of every step`]),
    ],
    buffers: [...inputs.map(inputBuffer), ...outputs.map(outputBuffer)],
    ids: inputs.some(({ kind }) => kind === 'ids'),
    features: inputs.some(({ kind }) => kind === 'features'),
    reading: inputs.map(({ id, kind, constant }, i) => ({
      first: i === 0,
      call: kind === 'ids' ? `read_id(in_${id})` : `read_floats(in_${id}, ${constant})`,
    })),
    perStepWords: atEnd ? ', after the last step' : ' and step',
    stepCall: stepCall(program),
    atEnd,
    printing: outputs.map(({ id, constant }) => `print_row(out_${id}, ${constant});`),
    top: classifier !== undefined,
    nll,
    sequences: onlyIds !== undefined,
    modes: `(${modes.join(' | ')})`,
    classes: classifier?.constant ?? '',
    topCall: `${p}_step_top(${['&weights', '&state', ...values, 'k', 'ids', 'scores'].join(', ')})`,
    idName: onlyIds === undefined ? '' : `in_${onlyIds.id}`,
    outputName: classifier === undefined ? '' : `out_${classifier.id}`,
    ...wholeView(program),
  };
}
