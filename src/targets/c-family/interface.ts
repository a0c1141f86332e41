/** The functions a user calls, with their documentation and their bodies. */
import type { RunPlan } from '../../lower/run-plan.js';
import { type LoopFunction, loopFunctions } from './loop-functions.js';
import { maxSteps, type NamedInput, type NamedOutput, outputPlace, type Program } from './program.js';
import { placeAtEnd, runInBlocks } from './run-story.js';
import { outputTail, rankStatements } from './top-tiles.js';

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

const parametersOf = ({ p }: Program, inputs: readonly NamedInput[], place: readonly string[]): string =>
  [
    `const ${p}_weights *weights`,
    `${p}_state *state`,
    ...place,
    ...inputs.map((input) => parameter(input, 'one')),
  ].join(', ');

/** Of a loop's function: the step's number where whole sequences are kept, and what it reads. */
export const loopParameters = (program: Program, { inputs }: LoopFunction): string =>
  parametersOf(program, inputs, program.plan.maxSteps === undefined ? [] : ['size_t i']);

/** A step by itself, as it is called from outside. */
const stepParameters = (program: Program): string => parametersOf(program, program.inputs, []);

function loopCall({ plan }: Program, { name, inputs }: LoopFunction, span: Span): string {
  const place = plan.maxSteps === undefined ? [] : ['i'];
  return `${name}(${['weights', 'state', ...place, ...inputs.map((input) => argument(input, span))].join(', ')});`;
}

/** Of what follows the last step; in a run by blocks, which step of its block that was. */
export const finishParameters = (program: Program): string =>
  parametersOf(program, [], []) + (program.plan.run === undefined ? '' : ', size_t last');

const advanceCall = (program: Program, span: Span): string => loopCall(program, loopFunctions(program).at(-1)!, span);

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

const copyOut = (output: NamedOutput, to: string): string =>
  `copy(${output.accessor}(state), ${to}, ${output.constant});`;

/** Where each output lies after a step; not in the header. */
function outputAccessors(program: Program): EmittedFunction[] {
  if (program.plan.run !== undefined && !program.steps) return [];
  return program.outputs.map((output) => ({
    doc: '',
    signature:
      `/* Where \`${output.layer}\` lies after a step: (${output.size}). */\n` +
      `static const float *${output.accessor}(const ${program.p}_state *state)`,
    body: [`return ${outputPlace(program, output)};`],
    exported: false,
  }));
}

function stepFunction(program: Program): EmittedFunction {
  const { p, inputs, outputs } = program;
  const shapes = [...inputs.map((i) => shapeOf(i, 'one')), ...outputs.map((o) => outputShape(o, false))];
  const parameters = [stepParameters(program), ...outputs.map(({ id }) => `float *${id}`)];
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

function runDoc(program: Program, everyStep: boolean): string {
  if (program.plan.maxSteps === undefined)
    return everyStep ? 'Steps, outputs of every step' : 'Steps, outputs of the last one';
  const what = `A whole sequence of at most ${maxSteps(program)} steps, from a zero state`;
  return `${what}; outputs of ${everyStep ? 'every step' : 'the last step'}`;
}

function runFunction(program: Program, everyStep: boolean): EmittedFunction {
  const { p, P, plan, inputs, outputs } = program;
  const shapes = [...inputs.map((i) => shapeOf(i, 'many')), ...outputs.map((o) => outputShape(o, everyStep))];
  const parameters = [
    `const ${p}_weights *weights, ${p}_state *state`,
    ...inputs.map((input) => parameter(input, 'many')),
    'size_t count',
    ...outputs.map(({ id }) => `float *${id}`),
  ];
  return {
    doc: `${runDoc(program, everyStep)}. ${shapes.join('; ')}.`,
    signature: `int ${p}_run${everyStep ? '_all' : ''}(${parameters.join(', ')})`,
    body: [
      program.plan.run === undefined ? 'size_t i;' : 'size_t i, n;',
      '',
      ...refuseNull(program, pointersOf(program, 'many', idsOf(outputs))),
      plan.maxSteps === undefined ? 'if (count == 0)' : `if (count == 0 || count > ${maxSteps(program)})`,
      `    return ${P}_E_COUNT;`,
      ...refuseIds(program, 'many'),
      ...(plan.maxSteps === undefined ? [] : ['begin(state);']),
      ...(plan.run === undefined
        ? [...earlierLoops(program), ...runSteps(program, everyStep)]
        : blocks(program, plan.run, everyStep)),
      'return 0;',
    ],
    exported: true,
  };
}

/**
 * What walks over a whole sequence before its steps are run. Directions take turns and the last loop walks forward, so
 * an even number of loops follows every other forward one: at the end its last state is the current copy again.
 */
function earlierLoops(program: Program): string[] {
  if (program.plan.maxSteps === undefined) return [];
  const loops = loopFunctions(program).slice(0, -1);
  return [
    ...loops.flatMap((loop) => [
      loop.backward ? 'for (i = count; i-- > 0;)' : 'for (i = 0; i < count; i++)',
      `    ${loopCall(program, loop, 'many')}`,
    ]),
  ];
}

/** A run in blocks of steps, then what follows the last one. */
const blocks = (program: Program, run: RunPlan, everyStep: boolean): string[] => [
  ...runInBlocks(program, run, everyStep),
  ...(program.plan.finish.length > 0 ? ['finish(weights, state, n - 1);'] : []),
  ...program.outputs.flatMap((output) =>
    output.perStep ? [] : [`copy(${placeAtEnd(program, run, output)}, ${output.id}, ${output.constant});`],
  ),
];

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
  const tiled = outputTail(program) !== undefined;
  const ranked = [advanceCall(program, 'one'), ...rankStatements(classifier)];
  return {
    doc:
      `One time step; the k most probable of ${classifier.constant} classes, most probable first, equal ones by id` +
      `${tiled ? '; the logits are not kept' : ''}. ` +
      `${inputs.map((i) => shapeOf(i, 'one')).join('; ')}; ids, scores: (k), scores are softmax probabilities.`,
    signature: `int ${p}_step_top(${stepParameters(program)}, size_t k, int32_t *ids, float *scores)`,
    body: [
      ...(tiled ? [] : ['top_state top = {0, 0.0f, 0.0};', 'size_t row;', '']),
      ...refuseNull(program, pointersOf(program, 'one', ['ids', 'scores'])),
      ...refuseIds(program, 'one'),
      `if (k == 0 || k > ${classifier.constant})`,
      `    return ${P}_E_K;`,
      ...(tiled
        ? [`advance_top(${['weights', 'state', ...inputs.map(({ id }) => id), 'k, ids, scores'].join(', ')});`]
        : ranked),
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

function beginFunction({ p, states }: Program): EmittedFunction {
  return {
    doc: '',
    signature: `/* What is carried from step to step: zero. */\nstatic void begin(${p}_state *state)`,
    body: [...states.map(({ id }) => `memset(state->${id}, 0, sizeof state->${id});`), 'state->now = 0;'],
    exported: false,
  };
}

/** All functions of the source but those of weights, in order. */
export function functionsOf(program: Program): EmittedFunction[] {
  const { classifier, outputs, steps } = program;
  return [
    ...outputAccessors(program),
    resetFunction(program),
    ...(program.plan.maxSteps === undefined ? [] : [beginFunction(program)]),
    ...(steps ? [stepFunction(program)] : []),
    runFunction(program, false),
    ...(outputs.some((output) => output.perStep) ? [runFunction(program, true)] : []),
    ...(classifier === undefined ? [] : [topFunction(program, classifier)]),
  ];
}
