/**
 * What the functions of a run in blocks are made of: what runs ahead for all steps of a block, what walks through them,
 * the outputs, and the block that calls them in order.
 */
import type { KernelCall } from '../../kernels/calls.js';
import { usesOf } from '../../kernels/uses.js';
import type { RunLoop, RunPlan, RunStage } from '../../lower/run-plan.js';
import { type SharedProduct, sharesLoads } from '../../lower/run-stages.js';
import { defined } from '../../support/assert.js';
import type { View } from '../render.js';
import { callStatements, scopeOf, withHeadings } from './calls.js';
import { alignComments, wrap } from './literals.js';
import type { NamedInput, NamedOutput, Program } from './program.js';
import { RunPointers } from './run-pointers.js';
import { stepsStatement } from './steps-statements.js';

/** A static function of a run: what it is called with besides weights and state. */
interface RunFunction {
  readonly name: string;
  readonly doc: string;
  readonly inputs: readonly NamedInput[];
  readonly kind: RunStage['kind'] | 'outputs';
  readonly calls: readonly KernelCall[];
}

const isWhole = ({ plan }: Program): boolean => plan.maxSteps !== undefined;

/** The inputs that calls read. */
const readBy = ({ inputs }: Program, calls: readonly KernelCall[]): readonly NamedInput[] =>
  inputs.filter(({ name, buffer }) =>
    calls.some((call) =>
      buffer === undefined
        ? 'input' in call && call.input === name
        : usesOf(call).reads.some(({ id }) => id === buffer.id),
    ),
  );

const layersOf = (calls: readonly KernelCall[]): string => [...new Set(calls.map(({ layer }) => layer))].join(', ');

function functionsOfLoop(program: Program, { stages }: RunLoop, before: number): readonly RunFunction[] {
  return stages.map(({ kind, calls }, i) => ({
    name: `${kind}_${before + i + 1}`,
    doc:
      kind === 'ahead'
        ? `What waits for no earlier step, for n steps at once: ${layersOf(calls)}.`
        : `Step t of the block, from one state to the next: ${layersOf(calls)}.`,
    inputs: readBy(program, calls),
    kind,
    calls,
  }));
}

/** The functions of every loop. */
function loopStages(program: Program, { loops }: RunPlan): readonly (readonly RunFunction[])[] {
  let before = 0;
  return loops.map((loop) => {
    const functions = functionsOfLoop(program, loop, before);
    before += functions.length;
    return functions;
  });
}

const outputsFunction = (program: Program, { outputs }: RunPlan): RunFunction => ({
  name: 'outputs',
  doc: `What only outputs wait for, for the n steps of the block from the first on: ${layersOf(outputs)}.`,
  inputs: readBy(program, outputs),
  kind: 'outputs',
  calls: outputs,
});

const pointerTo = ({ kind, id }: NamedInput): string => `const ${kind === 'ids' ? 'int32_t' : 'float'} *${id}`;

/** The outputs of every step, and how many floats each has. */
const resultsOf = ({ outputs }: Program) => outputs.filter(({ perStep }) => perStep);

function parametersOf(program: Program, { inputs, kind }: Pick<RunFunction, 'inputs' | 'kind'>): string {
  const steps = { ahead: ['size_t n'], walk: ['size_t t'], outputs: ['size_t first', 'size_t n'] }[kind];
  const results = kind === 'outputs' ? resultsOf(program).map(({ id }) => `float *${id}`) : [];
  return [
    `const ${program.p}_weights *weights`,
    `${program.p}_state *state`,
    ...(isWhole(program) ? ['size_t i'] : []),
    ...inputs.map(pointerTo),
    ...steps,
    ...results,
  ].join(', ');
}

/** One call for all steps: its own kernel where it has one, else step after step. */
function stepsStatements(program: Program, call: KernelCall, pointers: RunPointers): readonly string[] {
  const scope = scopeOf(program, pointers);
  if (sharesLoads(call)) return productOfSteps(call, pointers, scope);
  const [comments, statements] = [[] as string[], [] as string[]];
  for (const line of callStatements(call, scope)) (line.startsWith('/*') ? comments : statements).push(line);
  return [...comments, ...overSteps(statements)];
}

const overSteps = (statements: readonly string[]): readonly string[] => [
  `for (t = 0; t < n; t++)${statements.length > 1 ? ' {' : ''}`,
  ...statements.map((line) => `    ${line}`),
  ...(statements.length > 1 ? ['}'] : []),
];

function productOfSteps(
  call: SharedProduct,
  pointers: RunPointers,
  scope: ReturnType<typeof scopeOf>,
): readonly string[] {
  const { rows, columns } = call;
  const read = call.kind === 'gemv' ? (call.codes ?? call.x) : call.x;
  const [x, y] = [pointers.rows(read), pointers.rows(call.y)];
  const sets = call.kind === 'gemv' && call.mode === 'set';
  const of = call.kind === 'gemv' && call.within !== undefined ? ` of ${call.within.columns}` : '';
  const kept = call.kind === 'gemv' ? '' : `, ${call.kept} entries`;
  return [
    `/* (n, ${rows}) ${sets ? '=' : '+='} (${rows}, ${columns}${of}) (n, ${columns})${kept} */`,
    ...(sets ? overSteps([`fill_zero(${pointers.at(call.y)}, ${rows});`]) : []),
    stepsStatement(call, { x, y }, scope),
  ];
}

/** Outputs that are not made in the caller's memory are copied there. */
function copiesOut(program: Program, run: RunPlan, pointers: RunPointers): readonly string[] {
  const copies = resultsOf(program).flatMap(({ id, size }, i) => {
    const result = run.results[i]!;
    const given = run.buffers.some((buffer) => buffer.id === result.id && buffer.role === 'given');
    return given ? [] : overSteps([`copy(${pointers.at(result)}, ${id} + t * ${size}, ${size});`]);
  });
  return copies.length === 0 ? [] : ['', '/* ---- outputs */', ...copies];
}

function functionView(program: Program, run: RunPlan, made: RunFunction): View {
  const { name, doc, kind, calls } = made;
  const pointers = new RunPointers(program, run, kind);
  const scope = scopeOf(program, pointers);
  const statements =
    kind === 'walk'
      ? withHeadings(calls, (call) => callStatements(call, scope))
      : withHeadings(calls, (call) => stepsStatements(program, call, pointers));
  if (kind === 'outputs') statements.push(...copiesOut(program, run, pointers));
  const declared = pointers.lines;
  const used = (word: string): boolean =>
    [...declared, ...statements].some((line) => new RegExp(`\\b${word}\\b`).test(line.replace(/\/\*.*?\*\//g, '')));
  const given = ['weights', 'state', ...(isWhole(program) ? ['i'] : []), ...(kind === 'outputs' ? ['first'] : [])];
  const unused = given.filter((word) => !(word === 'state' && kind === 'walk') && !used(word));
  return {
    name,
    doc,
    parameters: wrap(parametersOf(program, made), 92, ' '.repeat(24)),
    pointers: [
      ...(kind === 'walk' ? ['const uint32_t now = state->now & 1u;'] : []),
      ...alignComments(declared),
      ...(kind !== 'walk' && used('t') ? ['size_t t;'] : []),
    ],
    calls: [
      ...(unused.length === 0 ? [] : ['', ...unused.map((word) => `(void)${word};`)]),
      ...walkUse(made, used),
      ...statements,
    ],
    ends: kind === 'walk',
  };
}

/** A walk that keeps no row does not look at its step. */
const walkUse = ({ kind }: RunFunction, used: (word: string) => boolean): readonly string[] =>
  kind === 'walk' && !used('t') ? ['(void)t;'] : [];

/** What a function is called with for step or steps of a block, the block's inputs being named as they are. */
function callOf(program: Program, { name, inputs, kind }: RunFunction): string {
  const place = isWhole(program) ? ['i'] : [];
  const values = ['weights', 'state', ...place, ...inputs.map(({ id }) => id), kind === 'walk' ? 't' : 'n'];
  return `${name}(${values.join(', ')});`;
}

/** The function of one loop's block: its stages in order, walks each from the copy that was current before. */
function blockView(program: Program, loop: RunLoop, functions: readonly RunFunction[], name: string): View {
  const walks = functions.filter(({ kind }) => kind === 'walk').length;
  const lines: string[] = [];
  let walked = 0;
  for (const made of functions) {
    if (made.kind === 'walk') {
      if (walked++ > 0) lines.push('state->now = now;');
      lines.push(loop.backward ? 'for (t = n; t-- > 0;)' : 'for (t = 0; t < n; t++)', `    ${callOf(program, made)}`);
    } else lines.push(callOf(program, made));
  }
  const inputs = program.inputs.filter((input) => functions.some((made) => made.inputs.includes(input)));
  const unwalked = walks > 0 ? [] : ['if (n % 2 == 1)', '    state->now = (state->now & 1u) ^ 1u;'];
  return {
    name,
    doc: `A block of n steps, at most ${program.plan.run!.steps}${loop.backward ? ', the last one first' : ''}.`,
    parameters: wrap(parametersOf(program, { inputs, kind: 'ahead' }), 92, ' '.repeat(24)),
    pointers: [...(walks > 1 ? ['const uint32_t now = state->now;'] : []), ...(walks > 0 ? ['size_t t;'] : [])],
    calls: [...(walks > 0 ? [''] : []), ...(lines.length > 0 ? [] : ['(void)weights;']), ...lines, ...unwalked],
    ends: false,
  };
}

const blockName = (loop: number, loops: number): string => (loop === loops - 1 ? 'block' : `block_${loop + 1}`);

/** The static functions of a run in blocks, in order. */
export function runViews(program: Program): readonly View[] {
  const { run } = program.plan;
  if (run === undefined) return [];
  const stages = loopStages(program, run);
  const late = outputsFunction(program, run);
  const loops = run.loops.flatMap((loop, l) => [
    ...stages[l]!.map((made) => functionView(program, run, made)),
    blockView(program, loop, stages[l]!, blockName(l, run.loops.length)),
  ]);
  return [...loops, ...(hasOutputs(program) ? [functionView(program, run, late)] : [])];
}

/** Something is left to be done for outputs, or for what comes behind the last step. */
const hasOutputs = (program: Program): boolean =>
  resultsOf(program).length > 0 || (program.plan.run?.outputs.length ?? 0) > 0;

/** An input from some step on. */
const inputFrom = ({ kind, id, constant }: NamedInput, step: string): string =>
  kind === 'ids' ? `${id} + ${step}` : `${id} + (${step}) * ${constant}`.replace('(i)', 'i');

/** One loop of a whole sequence, block by block; `inside` is done after each block. */
function blocksOf(program: Program, run: RunPlan, at: number, inside: readonly string[] = []): readonly string[] {
  const { backward } = run.loops[at]!;
  const functions = loopStages(program, run)[at]!;
  const inputs = program.inputs.filter((input) => functions.some((made) => made.inputs.includes(input)));
  const start = backward ? 'i - n' : 'i';
  const values = [...(isWhole(program) ? [start] : []), ...inputs.map((input) => inputFrom(input, start)), 'n'];
  const call = `${blockName(at, run.loops.length)}(weights, state, ${values.join(', ')});`;
  const left = backward ? 'i' : 'count - i';
  return [
    backward ? 'for (i = count; i > 0; i -= n) {' : 'for (i = 0; i < count; i += n) {',
    `    n = ${left} < ${run.steps} ? ${left} : ${run.steps};`,
    `    ${call}`,
    ...inside.map((line) => `    ${line}`),
    '}',
  ];
}

/** The outputs of `n` steps, or of the last one only. */
function outputsCall(program: Program, run: RunPlan, everyStep: boolean): readonly string[] {
  if (!hasOutputs(program)) return [];
  const inputs = outputsFunction(program, run).inputs.map((input) => inputFrom(input, everyStep ? 'i' : 'count - 1'));
  const place = isWhole(program) ? [everyStep ? 'i' : 'count - n'] : [];
  const steps = everyStep ? ['0', 'n'] : ['n - 1', '1'];
  const results = resultsOf(program).map(({ id, constant }) => (everyStep ? `${id} + i * ${constant}` : id));
  return [`outputs(${['weights', 'state', ...place, ...inputs, ...steps, ...results].join(', ')});`];
}

/** The statements of a run in blocks: all loops, the outputs, and what follows the last step. */
export function runInBlocks(program: Program, run: RunPlan, everyStep: boolean): readonly string[] {
  const last = run.loops.length - 1;
  const outputs = outputsCall(program, run, everyStep);
  return [
    ...run.loops.slice(0, -1).flatMap((_, at) => blocksOf(program, run, at)),
    ...blocksOf(program, run, last, everyStep ? outputs : []),
    ...(everyStep ? [] : outputs),
  ];
}

/** Where an output that is there once lies after the last step: in the state, or in row `n - 1` of the last block. */
export function placeAtEnd(program: Program, run: RunPlan, { buffer, layer }: NamedOutput): string {
  const placed = defined(
    run.buffers.find(({ id }) => id === buffer.id),
    `buffer of ${layer}`,
  );
  const state = program.states.find(({ next }) => next.id === buffer.id);
  if (state !== undefined) return `state->${state.id}[state->now & 1u]`;
  const row = placed.role === 'block' ? [`(n - 1) * ${placed.size}`] : [];
  const offset = placed.offset + buffer.offset;
  return ['state->work', ...(offset === 0 ? [] : [offset]), ...row].join(' + ');
}
