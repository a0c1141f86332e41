/**
 * From the calls of one step to a run in blocks of steps: stages, a row for each step of whatever goes from one stage
 * to another, and where all of that lies. Writes no C and reads no weight.
 */
import type { KernelCall } from '../kernels/calls.js';
import { costOf } from '../kernels/costs.js';
import type { Buffer } from '../kernels/planner.js';
import type { RecordedBuffer } from '../kernels/recorder.js';
import { usesOf } from '../kernels/uses.js';
import type { PlanInput, PlanLoop } from './inference-plan.js';
import type { Recorded } from './recorded.js';
import { placeRun } from './run-memory.js';
import type { RunBuffer, RunLoop, RunPlan, RunStage } from './run-plan.js';
import { stagesOf, withOutputs } from './run-stages.js';

export interface RunParts extends Recorded {
  /** Earlier loops, then that of the steps. */
  readonly loops: readonly PlanLoop[];
  readonly maxSteps: number;
  /** Bytes that the rows of a block may take. */
  readonly room: number;
}

/** Steps of a block: two tiles of three steps, whose sums fit into 32 registers, or one where rows need much memory. */
const blockSteps = [6, 3] as const;

/** The same with products of single entries, which take four steps at a time. */
const vectorSteps = [8, 4] as const;

/** Steps whose values lie beside each other for products with single entries. */
const stepsSideBySide = 4;

/** Where a call stands: its loop, and its stage there. */
interface Placed {
  readonly loop: number;
  readonly stage: number;
}
const samePlace = (a: Placed, b: Placed): boolean => a.loop === b.loop && a.stage === b.stage;

class RunLowering {
  readonly #parts: RunParts;
  readonly #buffers: RecordedBuffer[];
  /** Rows of what a step leaves in a state, by the state's next buffer. */
  readonly #rows = new Map<number, Buffer>();
  /** By loop, by call. */
  readonly #stages: readonly (readonly number[])[];

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#buffers = [...parts.buffers];
    const needed = new Set(parts.buffers.flatMap(({ id, role }) => (role === 'rows' ? [id] : [])));
    const last = parts.loops.length - 1;
    const { states } = parts;
    this.#stages = parts.loops.map(({ calls }, loop) => stagesOf({ calls, states, needed, isLast: loop === last }));
  }

  /** Undefined where no product would be called less often or share loads: then nothing is gained. */
  lower(): RunPlan | undefined {
    const { loops, outputs, inputs, finish, maxSteps, room } = this.#parts;
    const taken = loops.map((loop, l) => ({ backward: loop.backward, stages: this.#stagesOf(loop, l) }));
    const asked = this.#callsAt({ loop: loops.length - 1, stage: withOutputs });
    const late = this.#read(asked, undefined).map((call) => this.#forMany(call));
    if (!this.#gains(taken, late) || this.#feedsFinish(finish, inputs)) return undefined;
    const results = outputs.flatMap(({ perStep, buffer }) => (perStep ? [this.#source(buffer, undefined)] : []));
    const early = taken.flatMap(({ stages }) => stages.flatMap(({ calls }) => calls));
    const given = results.filter((result) => this.#isGiven(result, results, early, late));
    const roles = this.#roles(taken, late, { results, given });
    const place = (steps: number) =>
      placeRun(roles, { loops: taken, outputs: late, finish, results, ends: this.#ends, maxSteps, steps });
    const fits = (steps: number): boolean =>
      4 * steps * roles.reduce((sum, { role, size }) => sum + (role === 'block' ? size : 0), 0) <= room;
    // No more than there are rows for: compilers follow a loop to its last step and see it leave them.
    const most = loops.length > 1 ? maxSteps : Number.POSITIVE_INFINITY;
    const choices = [...early, ...late].some((call) => call.kind === 'sliced' && call.t) ? vectorSteps : blockSteps;
    const steps = Math.min(choices.find(fits) ?? choices.at(-1)!, most);
    return { steps, loops: taken, outputs: late, results, ...place(steps) };
  }

  /** Something with weights runs ahead, or only with the outputs. */
  #gains(loops: readonly RunLoop[], late: readonly KernelCall[]): boolean {
    const ahead = loops.flatMap(({ stages }) => stages.flatMap(({ kind, calls }) => (kind === 'ahead' ? calls : [])));
    return [...ahead, ...late].some((call) => costOf(call, this.#parts.layouts).multiplyAdds > 0);
  }

  /** Outputs that are read once, after the last step. */
  get #ends(): readonly Buffer[] {
    return this.#parts.outputs.flatMap(({ perStep, buffer }) => (perStep ? [] : [buffer]));
  }

  /** What lies behind the last step reads what was fed: it must not lie in the caller's memory. */
  #feedsFinish(finish: readonly KernelCall[], inputs: readonly PlanInput[]): boolean {
    const fed = new Set(inputs.flatMap(({ buffer }) => (buffer === undefined ? [] : [buffer.id])));
    const { loops } = this.#parts;
    return (
      this.#ends.some(({ id }) => fed.has(id)) ||
      finish.some((call) => usesOf(call).reads.some(({ id }) => fed.has(id))) ||
      loops.some(({ calls }) => calls.some((call) => usesOf(call).writes.some(({ id }) => fed.has(id))))
    );
  }

  #callsAt({ loop, stage }: Placed): readonly KernelCall[] {
    return this.#parts.loops[loop]!.calls.filter((_, i) => this.#stages[loop]![i] === stage);
  }

  /** Where the state that `next` belongs to is made; undefined for any other buffer. */
  #maker({ id }: Buffer): Placed | undefined {
    if (!this.#parts.states.some(({ next }) => next.id === id)) return undefined;
    for (const [loop, { calls }] of this.#parts.loops.entries())
      for (const [i, call] of calls.entries())
        if (usesOf(call).writes.some((write) => write.id === id)) return { loop, stage: this.#stages[loop]![i]! };
    return undefined;
  }

  /** What a reader elsewhere takes in place of a state: its rows. */
  #source(buffer: Buffer, reader: Placed | undefined): Buffer {
    const maker = this.#maker(buffer);
    if (maker === undefined || (reader !== undefined && samePlace(maker, reader))) return buffer;
    const { width, layer, name } = this.#parts.states.find(({ next }) => next.id === buffer.id)!;
    let rows = this.#rows.get(buffer.id);
    if (rows === undefined) {
      rows = { id: this.#buffers.length, offset: 0, size: width };
      this.#buffers.push({ id: rows.id, purpose: `${layer} ${name}`, size: width, role: 'work' });
      this.#rows.set(buffer.id, rows);
    }
    return { ...buffer, id: rows.id };
  }

  /** A product that is called for many steps, with the memory that it needs for them. */
  #forMany(call: KernelCall): KernelCall {
    if (call.kind !== 'sliced') return call;
    const t = { id: this.#buffers.length, offset: 0, size: stepsSideBySide * call.columns };
    this.#buffers.push({ id: t.id, purpose: `${call.layer} inputs side by side`, size: t.size, role: 'work' });
    return { ...call, t };
  }

  /** Calls with rows in place of the states that other stages make. */
  #read(calls: readonly KernelCall[], reader: Placed | undefined): readonly KernelCall[] {
    return calls.map((call) => {
      const fields = Object.entries(call).map(([name, value]) =>
        isBuffer(value) && !usesOf(call).writes.includes(value) ? [name, this.#source(value, reader)] : [name, value],
      );
      return Object.fromEntries(fields) as unknown as KernelCall;
    });
  }

  /** The stages of a loop in order. States are copied to their rows once all readers are known. */
  #stagesOf({ calls }: PlanLoop, loop: number): RunStage[] {
    const numbers = [...new Set(this.#stages[loop])].filter((stage) => stage !== withOutputs).sort((a, b) => a - b);
    const last = this.#parts.loops.length - 1;
    if (loop === last)
      for (const { buffer, perStep } of this.#parts.outputs) if (perStep) this.#source(buffer, undefined);
    for (const [i, call] of calls.entries()) this.#read([call], { loop, stage: this.#stages[loop]![i]! });
    return numbers.map((stage) => {
      const read = this.#read(this.#callsAt({ loop, stage }), { loop, stage });
      const copies = this.#parts.states.flatMap(({ layer, next }): KernelCall[] => {
        const rows = this.#rows.get(next.id);
        const maker = this.#maker(next);
        if (rows === undefined || maker === undefined || !samePlace(maker, { loop, stage })) return [];
        return [{ kind: 'copy', layer, x: next, y: rows }];
      });
      if (stage % 2 === 1) return { kind: 'walk', calls: [...read, ...copies] };
      return { kind: 'ahead', calls: [...read.map((call) => this.#forMany(call)), ...copies] };
    });
  }

  /** Whether an output can be made where the caller wants it: nobody else touches it. */
  #isGiven(
    result: Buffer,
    results: readonly Buffer[],
    early: readonly KernelCall[],
    late: readonly KernelCall[],
  ): boolean {
    const touches = (call: KernelCall): boolean =>
      [...usesOf(call).reads, ...usesOf(call).writes].some(({ id }) => id === result.id);
    const { finish } = this.#parts;
    const alone = results.every((other) => other === result || other.id !== result.id);
    const whole = this.#buffers[result.id]!.size === result.size;
    return alone && whole && late.some(touches) && ![...early, ...finish].some(touches);
  }

  /** The role of every buffer: a row for each step of what goes from stage to stage or is made for many steps. */
  #roles(
    loops: readonly RunLoop[],
    late: readonly KernelCall[],
    { results, given }: { readonly results: readonly Buffer[]; readonly given: readonly Buffer[] },
  ): readonly RunBuffer[] {
    const { finish, inputs } = this.#parts;
    const stages: RunStage[] = [...loops.flatMap((loop) => loop.stages), { kind: 'ahead', calls: late }];
    const touching = ({ calls }: Pick<RunStage, 'calls'>, id: number): number =>
      calls.filter((call) => [...usesOf(call).reads, ...usesOf(call).writes].some((buffer) => buffer.id === id)).length;
    const roleOf = ({ id, role }: RecordedBuffer): RunBuffer['role'] => {
      if (role !== 'work') return role;
      if (given.some((result) => result.id === id)) return 'given';
      if (inputs.some(({ buffer }) => buffer?.id === id)) return 'fed';
      const touched = stages.filter((stage) => touching(stage, id) > 0);
      const outside = touching({ calls: finish }, id) > 0 || [...results, ...this.#ends].some((end) => end.id === id);
      const many = touched.some((stage) => stage.kind === 'ahead' && (touching(stage, id) > 1 || outside));
      return touched.length > 1 || many || results.some((result) => result.id === id) ? 'block' : 'work';
    };
    return this.#buffers.map((buffer) => ({ ...buffer, offset: 0, role: roleOf(buffer) }));
  }
}

const isBuffer = (value: unknown): value is Buffer => typeof value === 'object' && value !== null && 'size' in value;

/** A run in blocks; undefined where it would only be step after step. */
export const lowerRun = (parts: RunParts): RunPlan | undefined => new RunLowering(parts).lower();
