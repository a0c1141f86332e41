/** The names of everything in the emitted program, chosen once and shared by all its files. */
import type { KernelCall } from '../../kernels/calls.js';
import type { Buffer } from '../../kernels/planner.js';
import type {
  InferencePlan,
  PlacedBuffer,
  PlanInput,
  PlanOutput,
  PlanState,
  Region,
} from '../../lower/inference-plan.js';
import { defined } from '../../support/assert.js';
import { cConstant, cIdentifier, Names } from './identifiers.js';

export interface NamedInput extends PlanInput {
  /** Parameter name. */
  readonly id: string;
  /** `PTB_TOKENS_SIZE`: vocabulary of ids, width of features. */
  readonly constant: string;
}
export interface NamedOutput extends PlanOutput {
  readonly id: string;
  /** `PTB_NEXT_SIZE`. */
  readonly constant: string;
  /** Function that says where it lies, `next_of`. */
  readonly accessor: string;
  readonly size: number;
}
export interface NamedRegion extends Region {
  /** Field of the weights, `rnn1_B_0`. */
  readonly id: string;
}
export interface NamedState extends PlanState {
  /** Field of the state, `rnn1_h`. */
  readonly id: string;
}

export interface Program {
  readonly plan: InferencePlan;
  /** Prefix of symbols and files, `ptb`, and of constants, `PTB`. */
  readonly p: string;
  readonly P: string;
  readonly inputs: readonly NamedInput[];
  readonly outputs: readonly NamedOutput[];
  readonly regions: readonly NamedRegion[];
  readonly states: readonly NamedState[];
  /** Every output has a row for each step. */
  readonly everyStep: boolean;
  /** Every output is there after each step, so a single step can be called. */
  readonly steps: boolean;
  /** The one output, when it classifies after each step: softmax and top-k make sense. */
  readonly classifier: NamedOutput | undefined;
}

/** Names in capitals may be macros of the program or the system: `PTB_STATE_BYTES`, `INT32_MAX`. */
const isCapitals = (name: string): boolean => /^[A-Z_][A-Z0-9_]{2,}$/.test(name);

/** Chooses the names of a plan's parts. */
export function nameProgram(plan: InferencePlan, prefix: string): Program {
  const p = cIdentifier(prefix);
  const P = cConstant(p);
  const parameters = new Names();
  const constants = new Names();
  const fields = new Names();
  const sized = (name: string): { id: string; constant: string } => ({
    id: parameters.unique(isCapitals(name) ? `${name}_` : name),
    constant: constants.unique(`${P}_${cConstant(name)}_SIZE`),
  });
  const inputs = plan.inputs.map((input) => ({ ...input, ...sized(input.name) }));
  const sizedOutputs = plan.outputs.map((output) => ({ ...output, ...sized(output.layer), size: output.buffer.size }));
  // Behind all parameters: a parameter of that name would hide the function.
  const outputs = sizedOutputs.map((output) => ({ ...output, accessor: parameters.unique(`${output.id}_of`) }));
  const regions = plan.regions.map((region) => ({ ...region, id: fields.unique(region.name) }));
  const stateFields = new Names();
  const states = plan.states.map((state) => ({ ...state, id: stateFields.unique(`${state.layer} ${state.name}`) }));
  const everyStep = plan.finish.length === 0 && outputs.every((output) => output.perStep);
  const steps = everyStep && plan.maxSteps === undefined;
  const only = outputs.length === 1 ? outputs[0] : undefined;
  const classifier = steps && only?.classifies === true ? only : undefined;
  return { plan, p, P, inputs, outputs, regions, states, everyStep, steps, classifier };
}

/** Floats of working memory in the state; C has no empty arrays. */
export const workFloats = (plan: InferencePlan): number => Math.max(1, plan.workSize);

/** Bytes of the emitted state: both copies of what is carried, working memory, and which copy is current. */
export function stateBytes({ plan }: Program): number {
  const carried = plan.states.reduce((sum, state) => sum + 2 * state.width, 0);
  return 4 * (carried + workFloats(plan) + 1);
}

/** How the statements of a function say where buffers and ids are. */
export interface Places {
  /** A C expression for where `buffer` begins. */
  readonly at: (buffer: Buffer) => string;
  /** The id that an input is given. */
  readonly token: (input: string) => string;
}

/** Names of buffers inside one function, with the declarations they need. */
export class Pointers implements Places {
  readonly #program: Program;
  /** The copy of the state that a step makes has become the current one. */
  readonly #stepped: boolean;
  readonly #names = new Names();
  readonly #byId = new Map<number, string>();
  readonly lines: string[] = [];

  constructor(program: Program, stepped: boolean, taken: readonly string[]) {
    this.#program = program;
    this.#stepped = stepped;
    for (const name of taken) this.#names.unique(name);
  }

  /** A C expression for where `buffer` begins; declares its pointer when it is new. */
  at(buffer: Buffer): string {
    const name = this.#byId.get(buffer.id) ?? this.#declare(buffer.id);
    return buffer.offset === 0 ? name : `${name} + ${buffer.offset}`;
  }

  /** The parameter that an input of ids is given by. */
  token(input: string): string {
    return defined(
      this.#program.inputs.find(({ name }) => name === input),
      `input ${input}`,
    ).id;
  }

  #declare(id: number): string {
    const placed = defined(
      this.#program.plan.buffers.find((buffer) => buffer.id === id),
      `buffer ${id}`,
    );
    const name = this.#names.unique(placed.purpose);
    this.#byId.set(id, name);
    const type = placed.role === 'state-now' ? 'const float *const' : 'float *const';
    const where = placeOf(this.#program, placed, this.#stepped ? 'now' : 'now ^ 1u');
    this.lines.push(`${type} ${name} = ${where}; /* (${placed.size}) ${placed.purpose} */`);
    return name;
  }
}

/** Where a buffer lies in the state; `next` is the index of the copy that a step makes. */
function placeOf({ states }: Program, placed: PlacedBuffer, next: string): string {
  if (placed.role === 'work' || placed.role === 'rows') {
    const first = placed.offset === 0 ? 'state->work' : `state->work + ${placed.offset}`;
    return placed.role === 'work' ? first : `${first} + i * ${placed.size}`;
  }
  const isNow = placed.role === 'state-now';
  const state = defined(
    states.find((s) => (isNow ? s.now.id : s.next.id) === placed.id),
    `state of buffer ${placed.id}`,
  );
  return `state->${state.id}[${isNow ? 'now' : next}]`;
}

/** Where an output lies after the step, as an expression of `state`. */
export function outputPlace(program: Program, output: NamedOutput): string {
  const placed = defined(
    program.plan.buffers.find((buffer) => buffer.id === output.buffer.id),
    `buffer of ${output.layer}`,
  );
  const offset = output.buffer.offset === 0 ? '' : ` + ${output.buffer.offset}`;
  return `${placeOf(program, placed, 'state->now & 1u')}${offset}`;
}

/** All calls of the program, those after the last step included. */
export const allCalls = (plan: InferencePlan): readonly KernelCall[] => [
  ...plan.earlier.flatMap(({ calls }) => calls),
  ...plan.step,
  ...plan.finish,
];

/** `PTB_MAX_STEPS`, of models that need the whole sequence. */
export const maxSteps = ({ P }: Program): string => `${P}_MAX_STEPS`;
