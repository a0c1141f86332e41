/** The functions a user calls, with their documentation and their bodies. */
import { type NamedInput, type NamedOutput, outputPlace, type Program } from './program.js';

export interface EmittedFunction {
  readonly doc: string;
  readonly signature: string;
  readonly body: readonly string[];
  /** Declared in the header. */
  readonly exported: boolean;
}

type Span = 'one' | 'many';

const parameter = (input: NamedInput, span: Span): string => {
  if (input.kind === 'features') return `const float *${input.id}`;
  return span === 'one' ? `int32_t ${input.id}` : `const int32_t *${input.id}`;
};

/** What is passed on to `advance` at step i. */
const argument = (input: NamedInput, span: Span): string => {
  if (span === 'one') return input.id;
  return input.kind === 'ids' ? `${input.id}[i]` : `${input.id} + i * ${input.constant}`;
};

export const advanceParameters = ({ p, inputs }: Program): string =>
  [`const ${p}_weights *weights`, `${p}_state *state`, ...inputs.map((input) => parameter(input, 'one'))].join(', ');

const advanceCall = ({ inputs }: Program, span: Span): string =>
  `advance(${['weights', 'state', ...inputs.map((input) => argument(input, span))].join(', ')});`;

function refuseNull({ P }: Program, names: readonly string[]): string[] {
  return [`if (${names.map((name) => `${name} == NULL`).join(' || ')})`, `    return ${P}_E_NULL;`];
}

const pointersOf = (program: Program, span: Span, outputs: readonly string[]): string[] => [
  'weights',
  'state',
  ...program.inputs.filter((input) => span === 'many' || input.kind === 'features').map(({ id }) => id),
  ...outputs,
];

function refuseIds({ P, inputs }: Program, span: Span): string[] {
  const ids = inputs.filter((input) => input.kind === 'ids');
  if (ids.length === 0) return [];
  const wrong = ids.map((input) => {
    const value = argument(input, span);
    return `${value} < 0 || ${value} >= ${input.constant}`;
  });
  const check = [`if (${wrong.join(' || ')})`, `    return ${P}_E_TOKEN;`];
  if (span === 'one') return check;
  return ['for (i = 0; i < count; i++)', ...check.map((line) => `    ${line}`)];
}

const shapeOf = (input: NamedInput, span: Span): string => {
  const below = input.kind === 'ids' ? `below ${input.constant}` : undefined;
  if (span === 'one') return below === undefined ? `${input.id}: (${input.constant})` : `${input.id}: ${below}`;
  return below === undefined ? `${input.id}: (count, ${input.constant})` : `${input.id}: (count), each ${below}`;
};

const outputShape = (output: NamedOutput, everyStep: boolean): string => {
  const shape = everyStep && output.perStep ? `(count, ${output.constant})` : `(${output.constant})`;
  return `${output.id}: ${shape}${output.classifies ? ' logits' : ''}`;
};

const idsOf = (outputs: readonly NamedOutput[]): string[] => outputs.map(({ id }) => id);

const copyOut = (output: NamedOutput, to: string): string => `copy(${output.id}_of(state), ${to}, ${output.constant});`;

/** Where each output lies after a step; not in the header. */
function outputAccessors(program: Program): EmittedFunction[] {
  return program.outputs.map((output) => ({
    doc: '',
    signature:
      `/* Where \`${output.layer}\` lies after a step: (${output.size}). */\n` +
      `static const float *${output.id}_of(const ${program.p}_state *state)`,
    body: [`return ${outputPlace(program, output)};`],
    exported: false,
  }));
}

function stepFunction(program: Program): EmittedFunction {
  const { p, inputs, outputs } = program;
  const shapes = [...inputs.map((i) => shapeOf(i, 'one')), ...outputs.map((o) => outputShape(o, false))];
  const parameters = [advanceParameters(program), ...outputs.map(({ id }) => `float *${id}`)];
  return {
    doc: `One time step. ${shapes.join('; ')}.`,
    signature: `int ${p}_step(${parameters.join(', ')})`,
    body: [
      ...refuseNull(program, pointersOf(program, 'one', idsOf(outputs))),
      ...refuseIds(program, 'one'),
      advanceCall(program, 'one'),
      ...outputs.map((output) => copyOut(output, output.id)),
      'return 0;',
    ],
    exported: true,
  };
}

function runFunction(program: Program, everyStep: boolean): EmittedFunction {
  const { p, P, inputs, outputs } = program;
  const shapes = [...inputs.map((i) => shapeOf(i, 'many')), ...outputs.map((o) => outputShape(o, everyStep))];
  const parameters = [
    `const ${p}_weights *weights, ${p}_state *state`,
    ...inputs.map((input) => parameter(input, 'many')),
    'size_t count',
    ...outputs.map(({ id }) => `float *${id}`),
  ];
  return {
    doc: `${everyStep ? 'Steps, outputs of every step' : 'Steps, outputs of the last one'}. ${shapes.join('; ')}.`,
    signature: `int ${p}_run${everyStep ? '_all' : ''}(${parameters.join(', ')})`,
    body: [
      'size_t i;',
      '',
      ...refuseNull(program, pointersOf(program, 'many', idsOf(outputs))),
      'if (count == 0)',
      `    return ${P}_E_COUNT;`,
      ...refuseIds(program, 'many'),
      ...runSteps(program, everyStep),
      'return 0;',
    ],
    exported: true,
  };
}

/** The steps of a run, with outputs copied out after each one or after the last. */
function runSteps(program: Program, everyStep: boolean): string[] {
  const { outputs, plan } = program;
  const ofSteps = outputs.filter((output) => output.perStep);
  const inLoop = everyStep ? ofSteps.map((o) => copyOut(o, `${o.id} + i * ${o.constant}`)) : [];
  const loop = [advanceCall(program, 'many'), ...inLoop].map((line) => `    ${line}`);
  return [
    ...(loop.length > 1 ? ['for (i = 0; i < count; i++) {', ...loop, '}'] : ['for (i = 0; i < count; i++)', ...loop]),
    // What follows the last step may use the memory of a step's outputs.
    ...(everyStep ? [] : ofSteps.map((output) => copyOut(output, output.id))),
    ...(plan.finish.length > 0 ? ['finish(weights, state);'] : []),
    ...outputs.filter((output) => !output.perStep).map((output) => copyOut(output, output.id)),
  ];
}

function topFunction(program: Program, classifier: NamedOutput): EmittedFunction {
  const { p, P, inputs } = program;
  return {
    doc:
      `One time step; the k most probable of ${classifier.constant} classes, most probable first, equal ones by id. ` +
      `${inputs.map((i) => shapeOf(i, 'one')).join('; ')}; ids, scores: (k), scores are softmax probabilities.`,
    signature: `int ${p}_step_top(${advanceParameters(program)}, size_t k, int32_t *ids, float *scores)`,
    body: [
      ...refuseNull(program, pointersOf(program, 'one', ['ids', 'scores'])),
      ...refuseIds(program, 'one'),
      `if (k == 0 || k > ${classifier.constant})`,
      `    return ${P}_E_K;`,
      advanceCall(program, 'one'),
      `softmax_top(${classifier.id}_of(state), ${classifier.constant}, k, ids, scores);`,
      'return 0;',
    ],
    exported: true,
  };
}

function resetFunction({ p, P }: Program): EmittedFunction {
  return {
    doc: 'The state before the first step: zero.',
    signature: `int ${p}_reset(${p}_state *state)`,
    body: ['if (state == NULL)', `    return ${P}_E_NULL;`, 'memset(state, 0, sizeof *state);', 'return 0;'],
    exported: false,
  };
}

/** All functions of the source but those of weights, in order. */
export function functionsOf(program: Program): EmittedFunction[] {
  const { classifier, outputs, steps } = program;
  return [
    ...outputAccessors(program),
    resetFunction(program),
    ...(steps ? [stepFunction(program)] : []),
    runFunction(program, false),
    ...(outputs.some((output) => output.perStep) ? [runFunction(program, true)] : []),
    ...(classifier === undefined ? [] : [topFunction(program, classifier)]),
  ];
}
