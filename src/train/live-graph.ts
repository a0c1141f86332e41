/** A training graph loaded in an engine, with all its resident tensors: weights, masks, moments, recurrent state. */
import type { Engine, Session } from '../engines/engine.js';
import { nextName, type StepGraph } from '../lower/training-graph.js';
import { defined } from '../support/assert.js';
import type { Shape } from '../tensor/shape.js';
import type { FloatTensor, Tensor, Weights } from '../tensor/tensor.js';
import { inputNames } from './evaluate.js';
import { filled } from './initialize.js';

/** Name and shape of everything that a checkpoint of this graph holds. */
export function residentShapes({ parameters, carried }: StepGraph): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const { name, shape, mask } of parameters) {
    shapes.set(name, shape);
    if (mask !== undefined) shapes.set(mask, shape);
  }
  for (const { name, shape } of carried) shapes.set(name, shape);
  return shapes;
}

export class LiveGraph {
  readonly step: StepGraph;
  private readonly session: Session;
  private readonly reads: ReadonlySet<string>;
  /** Values of residents that the graph does not read, so that nothing is lost between two graphs. */
  private readonly aside = new Map<string, FloatTensor>();

  private constructor(step: StepGraph, session: Session) {
    this.step = step;
    this.session = session;
    this.reads = inputNames(step);
  }

  /** Loads a graph; its residents have no values yet. */
  static async open(step: StepGraph, engine: Engine, threads: number): Promise<LiveGraph> {
    const owners = [...step.parameters, ...step.carried].filter(({ name }) => nextName(name) in step.graph.outputs);
    const carries = new Map(owners.map(({ name }) => [nextName(name), name]));
    return new LiveGraph(step, await engine.load(step.graph, { threads, carries }));
  }

  /** Loads a graph and gives its residents the values in `tensors`. */
  static async load(step: StepGraph, engine: Engine, threads: number, tensors: Weights): Promise<LiveGraph> {
    const live = await LiveGraph.open(step, engine, threads);
    for (const name of residentShapes(step).keys()) live.set(name, defined(tensors.get(name), `value of ${name}`));
    return live;
  }

  set(name: string, tensor: FloatTensor): void {
    if (this.reads.has(name)) this.session.set(name, tensor);
    else this.aside.set(name, tensor);
  }

  /** Takes over all residents of another graph, of another number of steps; that one is left without them. */
  async adopt(from: LiveGraph): Promise<void> {
    const names = [...residentShapes(this.step).keys()];
    const moved = names.filter((name) => this.reads.has(name) && from.reads.has(name));
    // A graph of one step may read less: the state before it is zero.
    for (const name of names) if (!moved.includes(name)) this.set(name, await from.get(name));
    this.session.adopt(from.session, moved);
  }

  async get(name: string): Promise<FloatTensor> {
    const kept = this.aside.get(name);
    return kept ?? ((await this.session.get(name)) as FloatTensor);
  }

  /** All residents, as copies. */
  async snapshot(): Promise<Map<string, FloatTensor>> {
    const tensors = new Map<string, FloatTensor>();
    for (const name of residentShapes(this.step).keys()) tensors.set(name, await this.get(name));
    return tensors;
  }

  /** Recurrent state back to zero. */
  clearState(): void {
    for (const { name, shape, role } of this.step.carried) if (role === 'state') this.set(name, filled(shape, 0));
  }

  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    return this.session.run(feeds);
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
