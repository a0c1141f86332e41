/** What the functions of one time step are made of: pointers into the state, then kernel calls in order. */
import type { KernelCall } from '../../kernels/calls.js';
import type { View } from '../render.js';
import { statementsOf } from './calls.js';
import { loopParameters } from './interface.js';
import { alignComments, wrap } from './literals.js';
import { type LoopFunction, loopFunctions } from './loop-functions.js';
import { type NamedInput, Pointers, type Program } from './program.js';
import { RunPointers } from './run-pointers.js';
import { type OutputTail, outputTail, tile, tileStatements } from './top-tiles.js';

interface Part {
  /** What the function is given of a step. */
  readonly fed: readonly NamedInput[];
  /** It ends the step: what was made becomes the current state. */
  readonly ends: boolean;
}

interface Story {
  readonly pointers: string[];
  readonly calls: string[];
}

/** Declarations and statements of a step or a part of it; `more` are behind the calls. */
function storyOf(
  program: Program,
  kernelCalls: readonly KernelCall[],
  { fed, ends }: Part,
  more: (pointers: Pointers) => readonly string[] = () => [],
): Story {
  const pointers = new Pointers(program, false, fed?.map(({ id }) => id) ?? []);
  const feeding = fed.flatMap(({ id, buffer, size }) =>
    buffer === undefined ? [] : [`copy(${id}, ${pointers.at(buffer)}, ${size});`],
  );
  if (feeding.length > 0) feeding.unshift('', '/* ---- inputs */');
  const statements = [...statementsOf(kernelCalls, program, pointers), ...more(pointers)];
  // A model that only keeps its last input has no weights in its step.
  const unused = statements.some((line) => line.includes('weights')) ? [] : ['(void)weights;'];
  const usesNow = ends || pointers.lines.some((line) => line.includes('[now'));
  const now = usesNow ? ['const uint32_t now = state->now & 1u;'] : [];
  return { pointers: [...now, ...alignComments(pointers.lines)], calls: [...unused, ...feeding, ...statements] };
}

/** Declarations and statements of what follows the last step. */
export function finishStory(program: Program): Story {
  const { run } = program.plan;
  const pointers = run === undefined ? new Pointers(program, true, []) : new RunPointers(program, run, 'finish');
  const statements = statementsOf(program.plan.finish, program, pointers);
  const unused = statements.some((line) => line.includes('weights->')) ? [] : ['(void)weights;'];
  const usesNow = pointers.lines.some((line) => line.includes('[now'));
  const now = usesNow ? ['const uint32_t now = state->now & 1u;'] : [];
  // In blocks the values of the last step are a row that may be needed, or not.
  if (run !== undefined && !pointers.lines.some((line) => line.includes('last * '))) unused.push('(void)last;');
  return { pointers: [...now, ...alignComments(pointers.lines)], calls: [...unused, ...statements] };
}

/** The static functions of a step, in order; none where only whole sequences are taken, in blocks. */
export function stepViews(program: Program): readonly View[] {
  if (program.plan.run !== undefined && !program.steps) return [];
  const tail = outputTail(program);
  return loopFunctions(program).flatMap((loop) => {
    if (tail !== undefined && loop.name === 'advance') return parts(program, loop, tail);
    return [viewOf(program, loop, storyOf(program, loop.calls, { fed: loop.inputs, ends: true }))];
  });
}

const viewOf = (program: Program, loop: LoopFunction, story: Story): View => ({
  name: loop.name,
  doc: loop.doc,
  parameters: loopParameters(program, loop),
  ends: true,
  ...story,
});

/** All of a step but its logits, by itself; the step with all of them, and with the most probable only. */
function parts(program: Program, loop: LoopFunction, tail: OutputTail): readonly View[] {
  const hidden = `hidden(${['weights', 'state', ...loop.inputs.map(({ id }) => id)].join(', ')});`;
  const { before, bias, quantize, product } = tail;
  const made = quantize === undefined ? [] : [quantize];
  const taken: Part = { fed: loop.inputs.map((input) => ({ ...input, buffer: undefined })), ends: true };
  const all = storyOf(program, [bias, ...made, product], taken);
  const top = storyOf(program, made, taken, (pointers) => ['', ...tileStatements(program, tail, pointers)]);
  const declared = ['top_state top = {0, 0.0f, 0.0};', `float logits[${tile}];`, 'size_t row;'];
  return [
    {
      ...viewOf(program, loop, storyOf(program, before, { fed: loop.inputs, ends: false })),
      name: 'hidden',
      doc: 'All of a step but its logits.',
      ends: false,
    },
    viewOf(program, loop, { ...all, calls: ['', hidden, ...all.calls] }),
    {
      ...viewOf(program, loop, { pointers: [...top.pointers, ...declared], calls: ['', hidden, ...top.calls] }),
      name: 'advance_top',
      doc: `The same with the most probable classes in place of all logits, ${tile} of which are there at a time.`,
      parameters: wrap(`${loopParameters(program, loop)}, size_t k, int32_t *ids, float *scores`, 92, ' '.repeat(24)),
    },
  ];
}
