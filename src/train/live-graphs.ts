/**
 * The step graphs of a run: one for each length of batch, loaded when it is first needed. Weights, moments and masks
 * exist once; they move to the graph whose turn it is.
 */
import type { Engine } from '../engines/engine.js';
import type { StepGraph } from '../lower/training-graph.js';
import type { Tensor, Weights } from '../tensor/tensor.js';
import { Feeder, type FeedSource } from './feeds.js';
import { LiveGraph } from './live-graph.js';

export interface LiveGraphOptions {
  readonly engine: Engine;
  readonly threads: number;
  readonly source: FeedSource;
  readonly graphOf: (steps: number) => StepGraph;
}

interface Loaded {
  readonly live: LiveGraph;
  readonly feeder: Feeder;
}

export class LiveGraphs {
  private readonly options: LiveGraphOptions;
  private readonly loaded = new Map<number, Loaded>();
  private current: LiveGraph;
  private prepared: { readonly time: number; readonly feeds: Record<string, Tensor> } | undefined;

  private constructor(options: LiveGraphOptions, first: LiveGraph) {
    this.options = options;
    this.current = first;
    this.keep(first);
  }

  /** Loads the first graph and gives all residents their values. */
  static async open(options: LiveGraphOptions, first: StepGraph, tensors: Weights): Promise<LiveGraphs> {
    return new LiveGraphs(options, await LiveGraph.load(first, options.engine, options.threads, tensors));
  }

  /** The graph that holds the residents. */
  get live(): LiveGraph {
    return this.current;
  }

  private keep(live: LiveGraph): void {
    this.loaded.set(live.step.steps, { live, feeder: new Feeder(live.step, this.options.source) });
  }

  /** Makes the graph of the batch behind `time` updates the one that holds the residents. */
  async turnTo(time: number): Promise<LiveGraph> {
    const steps = this.options.source.batches.stepsAt(time);
    if (this.current.step.steps === steps) return this.current;
    const { engine, threads, graphOf } = this.options;
    if (!this.loaded.has(steps)) this.keep(await LiveGraph.open(graphOf(steps), engine, threads));
    const { live } = this.loaded.get(steps)!;
    await live.adopt(this.current);
    this.current = live;
    return live;
  }

  private feederAt(time: number): Feeder | undefined {
    return this.loaded.get(this.options.source.batches.stepsAt(time))?.feeder;
  }

  /** Fills the feeds of a later update, where its graph is loaded, so that they are there when it comes. */
  prepare(time: number): void {
    const feeder = this.feederAt(time);
    this.prepared = feeder === undefined ? undefined : { time, feeds: feeder.feedsAt(time) };
  }

  /** Feeds of the update behind `time` updates; its graph must have been turned to. */
  feedsAt(time: number): Readonly<Record<string, Tensor>> {
    const { prepared } = this;
    return prepared?.time === time ? prepared.feeds : this.feederAt(time)!.feedsAt(time);
  }

  async close(): Promise<void> {
    for (const { live } of this.loaded.values()) await live.close();
  }
}
