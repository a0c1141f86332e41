/** Hand-made plans of odd sizes with drawn weights, for tests of the emitted C. */
import type { KernelCall } from '../../src/kernels/calls.js';
import type { ActivationMode } from '../../src/kernels/error-bounds.js';
import { type Buffer, type MatrixRef, part, type SparseRef } from '../../src/kernels/planner.js';
import { Recorder } from '../../src/kernels/recorder.js';
import { assemblePlan } from '../../src/lower/assemble-plan.js';
import { drawnSequence, withVectorScales } from '../../src/lower/calibrate.js';
import { goldenVectors } from '../../src/lower/golden-vectors.js';
import type { InferencePlan, PlanInput, PlanOutput, PlanState } from '../../src/lower/inference-plan.js';
import type { Emit } from '../../src/model/model.js';
import type { EmitInput } from '../../src/targets/c-family/emit-input.js';
import { area, type Block, single, spreadBlocks } from '../../src/tensor/blocks.js';
import { float32, type NumberFormat, type Per } from '../../src/tensor/number-format.js';
import { fillUniform, streamKey, uniformAt } from '../../src/tensor/random.js';
import type { FloatTensor } from '../../src/tensor/tensor.js';

/** A format whose products are sums of integers. */
export const inIntegers = (word: 'int8' | 'int4', per: Per): NumberFormat => ({
  kind: 'integer',
  word,
  per,
  arithmetic: 'integer',
});

/** Builds one plan call by call, drawing each weight as it is named. */
export class TinyPlan {
  readonly weights = new Map<string, FloatTensor>();
  readonly recorder: Recorder;
  readonly #kept = new Map<string, number>();
  readonly #step: KernelCall[] = [];
  readonly #finish: KernelCall[] = [];
  readonly #inputs: PlanInput[] = [];
  readonly #outputs: PlanOutput[] = [];
  readonly #states: PlanState[] = [];

  /** `formatOf` gives the number format of a weight by its name; `calibrated` vectors have scales of their own. */
  constructor(formatOf: (tensor: string) => NumberFormat = () => float32, calibrated = false) {
    this.recorder = new Recorder({
      formatOf,
      calibrated,
      keptOf: (tensor) => this.#kept.get(tensor)!,
    });
  }

  /** What follows belongs to `name`, in the step or after the last one. */
  layer(name: string, when: 'step' | 'finish' = 'step'): void {
    this.recorder.enter(name, when === 'step' ? this.#step : this.#finish);
  }

  work(purpose: string, size: number): Buffer {
    return this.recorder.buffer(purpose, size, 'work');
  }

  weight(tensor: string, rows: number, columns: number): MatrixRef {
    this.#drawn(tensor, rows, columns);
    return { tensor, offset: 0, rows, columns };
  }

  /** A matrix of which each block is stored with probability `density`. */
  sparse(tensor: string, rows: number, columns: number, density: number, block: Block = single): SparseRef {
    const { data } = this.#drawn(tensor, rows, columns);
    const chosen = streamKey(7, `${tensor} kept`);
    const blocks = new Float32Array(data.length / area(block)).map((_, i) => (uniformAt(chosen, i) < density ? 1 : 0));
    spreadBlocks(blocks, columns, block).forEach((stays, i) => {
      if (stays === 0) data[i] = 0;
    });
    this.#kept.set(tensor, blocks.reduce((sum, one) => sum + one, 0) * area(block));
    return { tensor, offset: 0, rows, columns, block };
  }

  #drawn(tensor: string, rows: number, columns: number): FloatTensor {
    const data = new Float32Array(rows * columns);
    fillUniform(data, 1, streamKey(7, tensor));
    const drawn = { shape: [rows, columns], data };
    this.weights.set(tensor, drawn);
    return drawn;
  }

  /** y = row of a dense table. */
  embed(table: MatrixRef, input: string, y: Buffer): void {
    this.recorder.embed(table, { input, count: table.rows }, 0, y);
  }

  ids(name: string, size: number): void {
    this.#inputs.push({ name, kind: 'ids', size, buffer: undefined });
  }

  features(name: string, size: number): Buffer {
    const buffer = this.work(`${name} input`, size);
    this.#inputs.push({ name, kind: 'features', size, buffer });
    return buffer;
  }

  state(layer: string, name: string, width: number): PlanState {
    const now = this.recorder.buffer(`${layer} ${name} now`, width, 'state-now');
    const next = this.recorder.buffer(`${layer} ${name} next`, width, 'state-next');
    const state = { layer, name, width, now, next };
    this.#states.push(state);
    return state;
  }

  output(layer: string, buffer: Buffer, perStep = true, classifies = true): void {
    this.#outputs.push({ layer, buffer, perStep, classifies });
  }

  /** An LSTM whose gate products `multiply` adds up: x is [input | h]. Returns its output. */
  lstm(layer: string, input: Buffer, units: number, multiply: (x: Buffer, z: Buffer) => void): Buffer {
    const [h, c] = [this.state(layer, 'h', units), this.state(layer, 'c', units)];
    const x = this.work(`${layer} x`, input.size + units);
    const z = this.work(`${layer} gates`, 4 * units);
    this.layer(layer);
    this.recorder.copy(input, part(x, 0, input.size));
    this.recorder.copy(h.now, part(x, input.size, units));
    this.weight(`${layer}.bias`, 1, 4 * units);
    this.recorder.bias(`${layer}.bias`, z);
    multiply(x, z);
    this.recorder.lstmCell(z, c.now, c.next, h.next);
    return h.next;
  }

  /** y = bias + W x by a dense product. */
  dense(layer: string, x: Buffer, rows: number, when: 'step' | 'finish' = 'step'): Buffer {
    const y = this.work(`${layer} y`, rows);
    this.layer(layer, when);
    this.weight(`${layer}.bias`, 1, rows);
    this.recorder.bias(`${layer}.bias`, y);
    this.recorder.gemv(this.weight(`${layer}.W`, rows, x.size), x, y, 'add');
    return y;
  }

  plan(model: string): InferencePlan {
    const { layouts, buffers } = this.recorder;
    const ends = { inputs: this.#inputs, outputs: this.#outputs, states: this.#states };
    const calls = { earlier: [], step: this.#step, finish: this.#finish, maxSteps: undefined, cpu: undefined };
    return assemblePlan({ model, ...ends, layouts, buffers, ...calls });
  }
}

const span = { start: 0, end: 0, source: { name: 'tiny.cmp', text: '' } } as unknown as Emit['span'];

/** Everything that a target is given for a plan. */
export function emitInput(tiny: TinyPlan, model: string, target: 'c' | 'neon', activation: ActivationMode): EmitInput {
  const plan = tiny.plan(model);
  const cpu = target === 'neon' ? 'cortex-a73' : 'any';
  const options: Emit = {
    target,
    cpu,
    weights: float32,
    arithmetic: 'float32',
    activation,
    prefix: model,
    vocabulary: 'none',
    budget: undefined,
    budgetSpan: span,
    span,
  };
  const weights = withVectorScales(plan, tiny.weights, [drawnSequence(plan, 9)]);
  // The last of 4 steps reaches far: what is cut off by calibrated scales is seen there.
  const steps = weights.size > tiny.weights.size ? 4 : 3;
  const golden = goldenVectors(plan, weights, { seed: 1, steps, activation });
  return { plan, weights, trained: false, golden, options, manifest: {} };
}

/** ids -> embedding -> LSTM (dense, one gate matrix) -> softmax. */
export function languageModel(
  vocabulary: number,
  width: number,
  units: number,
  formatOf?: (tensor: string) => NumberFormat,
  calibrated = false,
): TinyPlan {
  const tiny = new TinyPlan(formatOf, calibrated);
  tiny.ids('tokens', vocabulary);
  tiny.layer('embed');
  const embedded = tiny.work('embed', width);
  tiny.embed(tiny.weight('embed.table', vocabulary, width), 'tokens', embedded);
  const h = tiny.lstm('rnn1', embedded, units, (x, z) =>
    tiny.recorder.gemv(tiny.weight('rnn1.W', 4 * units, x.size), x, z, 'add'),
  );
  tiny.output('next', tiny.dense('next', h, vocabulary));
  return tiny;
}

/** ids -> embedding -> LSTM under Kronecker products in both orders and sparse overlays -> softmax. */
export function doped(vocabulary: number, density: number): TinyPlan {
  const tiny = new TinyPlan();
  const [width, units] = [15, 13 * 7];
  tiny.ids('tokens', vocabulary);
  tiny.layer('embed');
  const embedded = tiny.work('embed', width);
  tiny.embed(tiny.weight('embed.table', vocabulary, width), 'tokens', embedded);
  const columns = width + units;
  const h = tiny.lstm('rnn1', embedded, units, (x, z) => {
    for (let gate = 0; gate < 4; gate++) {
      const y = part(z, gate * units, units);
      // 106 columns are 2 x 53 and 53 x 2: one association order each.
      kron(tiny, `rnn1.${gate}`, gate % 2 === 0 ? [13, 2, 7, 53] : [7, 53, 13, 2], x, y);
      tiny.recorder.sparse(tiny.sparse(`rnn1.S${gate}`, units, columns, density), x, y);
    }
  });
  tiny.output('next', tiny.dense('next', h, vocabulary));
  return tiny;
}

function kron(tiny: TinyPlan, name: string, shape: readonly number[], x: Buffer, y: Buffer): void {
  const [b0, b1, c0, c1] = shape as readonly [number, number, number, number];
  const [b, c] = [tiny.weight(`${name}.B`, b0, b1), tiny.weight(`${name}.C`, c0, c1)];
  tiny.recorder.kron(b, c, x, { count: 1, apart: y.size, y });
}

/** features -> LSTM by two thin products -> two outputs of every step, one behind each activation. */
export function twoOutputs(features: number, units: number): TinyPlan {
  const tiny = new TinyPlan();
  const input = tiny.features('signal', features);
  const h = tiny.lstm('rnn1', input, units, (x, z) => {
    const t = tiny.work('rnn1 thin', 3);
    tiny.recorder.gemv(tiny.weight('rnn1.V', 3, x.size), x, t, 'set');
    tiny.recorder.gemv(tiny.weight('rnn1.U', 4 * units, 3), t, z, 'add');
  });
  const bent = tiny.dense('bent', h, 13);
  tiny.recorder.activate('tanh', bent);
  tiny.recorder.activate('relu', bent);
  tiny.output('bent', bent, true, false);
  const gate = tiny.dense('float', h, 1);
  tiny.recorder.activate('sigmoid', gate);
  tiny.output('float', gate, true, false);
  return tiny;
}

/** ids and features -> LSTM -> classes once per sequence. */
export function classifier(units: number, classes: number): TinyPlan {
  const tiny = new TinyPlan();
  tiny.ids('word', 9);
  tiny.ids('state', 4);
  const extra = tiny.features('x', 2);
  tiny.layer('embed');
  const embedded = tiny.work('embed', 7);
  tiny.embed(tiny.weight('embed.table', 9, 5), 'word', part(embedded, 0, 5));
  tiny.embed(tiny.weight('mark.table', 4, 2), 'state', part(embedded, 5, 2));
  const x = tiny.work('joined', 9);
  tiny.recorder.copy(embedded, part(x, 0, 7));
  tiny.recorder.copy(extra, part(x, 7, 2));
  const h = tiny.lstm('rnn1', x, units, (from, z) =>
    tiny.recorder.gemv(tiny.weight('rnn1.W', 4 * units, from.size), from, z, 'add'),
  );
  tiny.output('class', tiny.dense('class', h, classes, 'finish'), false);
  return tiny;
}

/**
 * ids -> embedding -> sparse products with more columns than 16 bits count -> softmax: single entries in a slice of 8
 * rows and 4 rows by themselves, and blocks. Of many steps in a run.
 */
export function wideSparse(): TinyPlan {
  const [columns, rows] = [65_541, 12];
  const tiny = new TinyPlan();
  tiny.ids('tokens', 2);
  tiny.layer('embed');
  const embedded = tiny.work('embed', columns);
  tiny.embed(tiny.weight('embed.table', 2, columns), 'tokens', embedded);
  const y = tiny.work('next y', rows);
  tiny.layer('next');
  tiny.weight('next.bias', 1, rows);
  tiny.recorder.bias('next.bias', y);
  tiny.recorder.sparse(tiny.sparse('next.S', rows, columns, 0.0005), embedded, y);
  tiny.recorder.sparse(tiny.sparse('next.T', rows, columns, 0.0005, [4, 1]), embedded, y);
  tiny.output('next', y);
  return tiny;
}
