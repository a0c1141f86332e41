/** Names of buffers inside the functions of a run: a row for each step of a block, in the state or with the caller. */
import type { Buffer } from '../../kernels/planner.js';
import type { RunBuffer, RunPlan } from '../../lower/run-plan.js';
import { defined, invariant } from '../../support/assert.js';
import { Names } from './identifiers.js';
import type { Places, Program } from './program.js';
import type { RowsOf } from './steps-statements.js';

/**
 * `ahead`: all steps of a block, `t` being one of them. `walk`: step `t` of a block. `outputs`: steps from `first` on.
 * `finish`: step `last`.
 */
export type RunPart = 'ahead' | 'walk' | 'outputs' | 'finish';

const plus = (...terms: readonly string[]): string => terms.filter((term) => term !== '').join(' + ');

export class RunPointers implements Places {
  readonly #program: Program;
  readonly #run: RunPlan;
  readonly #part: RunPart;
  readonly #names = new Names();
  readonly #byId = new Map<number, string>();
  readonly lines: string[] = [];

  constructor(program: Program, run: RunPlan, part: RunPart) {
    this.#program = program;
    this.#run = run;
    this.#part = part;
    for (const { id } of [...program.inputs, ...program.outputs]) this.#names.unique(id);
  }

  /** A C expression for where `buffer` begins at step `t`; declares its pointer when it is new. */
  at(buffer: Buffer): string {
    const placed = this.#placed(buffer.id);
    const row = this.#rowsInside(placed) ? `t * ${placed.size}` : '';
    return plus(this.#name(placed), row, buffer.offset === 0 ? '' : `${buffer.offset}`);
  }

  /** The rows of `buffer` for all steps. */
  rows(buffer: Buffer): RowsOf {
    const placed = this.#placed(buffer.id);
    invariant(this.#rowsInside(placed), `${placed.purpose} has rows`);
    return { start: plus(this.#name(placed), buffer.offset === 0 ? '' : `${buffer.offset}`), stride: placed.size };
  }

  /** The id that an input is given at step `t`. */
  token(input: string): string {
    return `${this.#input(({ name }) => name === input)}[t]`;
  }

  /** Rows are counted from the pointer on: it does not point at the step's own. */
  #rowsInside({ role }: RunBuffer): boolean {
    const many = this.#part === 'ahead' || this.#part === 'outputs';
    return role === 'fed' || role === 'given' || (many && (role === 'block' || role === 'rows'));
  }

  #placed(id: number): RunBuffer {
    return defined(
      this.#run.buffers.find((buffer) => buffer.id === id),
      `buffer ${id} of the run`,
    );
  }

  #name(placed: RunBuffer): string {
    const known = this.#byId.get(placed.id);
    if (known !== undefined) return known;
    const name = this.#declared(placed);
    this.#byId.set(placed.id, name);
    return name;
  }

  #declared(placed: RunBuffer): string {
    const { id, role, size, purpose } = placed;
    if (role === 'fed') return this.#input(({ buffer }) => buffer?.id === id);
    if (role === 'given')
      return defined(
        this.#program.outputs.find(({ buffer }) => buffer.id === id),
        purpose,
      ).id;
    const name = this.#names.unique(purpose);
    const type = role === 'state-now' ? 'const float *const' : 'float *const';
    const shape = this.#rowsInside(placed) ? `(n, ${size})` : `(${size})`;
    this.lines.push(`${type} ${name} = ${this.#place(placed)}; /* ${shape} ${purpose} */`);
    return name;
  }

  #input(which: (input: Program['inputs'][number]) => boolean): string {
    return defined(this.#program.inputs.find(which), 'the input that is read').id;
  }

  #place({ id, role, offset, size }: RunBuffer): string {
    if (role === 'state-now' || role === 'state-next') return this.#state(id, role === 'state-now');
    const start = plus('state->work', offset === 0 ? '' : `${offset}`);
    if (role === 'work') return start;
    const step = { ahead: '', walk: 't', outputs: 'first', finish: 'last' }[this.#part];
    if (role === 'block') return plus(start, step === '' ? '' : `${step} * ${size}`);
    return plus(start, step === '' ? `i * ${size}` : `(i + ${step}) * ${size}`);
  }

  #state(id: number, isNow: boolean): string {
    invariant(this.#part === 'walk' || this.#part === 'finish', 'states are touched step by step');
    const state = this.#program.states.find(({ now, next }) => (isNow ? now : next).id === id);
    const next = this.#part === 'finish' ? 'now' : 'now ^ 1u';
    return `state->${defined(state, `state of buffer ${id}`).id}[${isNow ? 'now' : next}]`;
  }
}
