/**
 * `program.json` of an emitted tfjs folder: all that the page must know to drive the two graphs as this compiler does.
 * A step is kept as an outline: what its inputs and outputs mean, without the ops, which are in its `model.json`.
 */
import type { Span } from '../../diagnostics/source.js';
import type { StepGraph } from '../../lower/training-graph.js';
import type { Alternation, Loader, Model, Pool, Training } from '../../model/model.js';
import type { SparsitySchedule } from '../../model/schedule.js';

/** Training as JSON holds it: no places in the program, maps as pairs. */
export interface SavedTraining extends Omit<Training, 'span' | 'lrSpan' | 'sparsity' | 'sparsityOf' | 'alternate'> {
  readonly sparsity?: SparsitySchedule;
  readonly alternate?: Alternation;
  readonly sparsityOf: readonly (readonly [layer: string, schedule: SparsitySchedule])[];
}

export interface BrowserProgram {
  readonly name: string;
  /** False for seeded weights. */
  readonly trained: boolean;
  /** Ids that the model's input has; 0 where it takes none. */
  readonly vocabulary: number;
  /** id -> word, of the data that the weights were trained on. */
  readonly words?: readonly string[];
  /** Absent where the program has no `train` block, or nothing to compare with labels. */
  readonly train?: {
    readonly outline: StepGraph;
    /** One stream, its weights fed. */
    readonly evaluation: StepGraph;
    readonly training: SavedTraining;
  };
  readonly pools: readonly Pool[];
  readonly predict: StepGraph;
}

/** The step without its ops: the graph keeps its inputs and the names of its outputs, which point nowhere. */
export function outlineOf(step: StepGraph, constants: ReadonlySet<string> = new Set()): StepGraph {
  const ops = step.graph.ops.filter((op) => op.kind === 'input' && !constants.has(op.attrs.name));
  const outputs = Object.fromEntries(Object.keys(step.graph.outputs).map((name) => [name, -1]));
  return { ...step, graph: { ops, outputs } };
}

const withoutSpan = <T extends { readonly span?: Span }>({ span: _, ...rest }: T): Omit<T, 'span'> => rest;

function saveTraining(training: Training): SavedTraining {
  const { span: _, lrSpan: __, sparsity, sparsityOf, alternate, loader, ...rest } = training;
  // Where files lie on this machine is nobody's business; a page starts from the seed or from the emitted weights.
  const bare: Loader = loader.kind === 'text' ? { ...loader, directory: '' } : loader;
  return {
    ...rest,
    loader: bare,
    start: undefined,
    ...(sparsity === undefined ? {} : { sparsity: withoutSpan(sparsity) }),
    ...(alternate === undefined ? {} : { alternate: withoutSpan(alternate) }),
    sparsityOf: [...sparsityOf].map(([layer, schedule]) => [layer, withoutSpan(schedule)]),
  };
}

const nowhere = { source: { path: '', text: '' }, start: 0, end: 0 };

/** The training that was saved. */
export function restoreTraining({ sparsity, sparsityOf, alternate, ...rest }: SavedTraining): Training {
  return { ...rest, sparsity, alternate, sparsityOf: new Map(sparsityOf), span: nowhere };
}

export interface ProgramFacts {
  readonly trained: boolean;
  readonly words: readonly string[] | undefined;
  readonly train: TrainSteps | undefined;
  readonly predict: StepGraph;
}

/** The step that updates the weights, and the one that scores them on held-out data. */
export interface TrainSteps {
  readonly update: StepGraph;
  readonly evaluation: StepGraph;
}

/** The program of a model and its steps. */
export function browserProgram(model: Model, { trained, words, train, predict }: ProgramFacts): BrowserProgram {
  const { training } = model;
  const ids = model.layers.map(({ shape }) => shape.signal).find((signal) => signal.kind === 'ids');
  return {
    name: model.name,
    trained,
    vocabulary: ids?.vocabulary ?? 0,
    ...(words === undefined ? {} : { words }),
    ...(train === undefined || training === undefined
      ? {}
      : {
          train: {
            outline: outlineOf(train.update),
            evaluation: outlineOf(train.evaluation),
            training: saveTraining(training),
          },
        }),
    pools: model.pools,
    predict: outlineOf(predict, new Set(predict.parameters.map(({ name }) => name))),
  };
}
