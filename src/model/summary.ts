/** Sizes of a model before and after compression, for tables: parameters, bytes, multiply-adds, ranks. */
import { maskedElements } from '../methods/parameters.js';
import { defined } from '../support/assert.js';
import { float32, formatText, hasLearnedScales, isFloat32, type NumberFormat } from '../tensor/number-format.js';
import { addCosts, type Cost, macsAtOnce, noCost, plainCost, weightCost } from './cost.js';
import { bindDense, denseMatrix } from './dense.js';
import { hiddenUnits } from './hidden-units.js';
import { integerProducts } from './integers.js';
import type { Layer, Model, Unit, WeightFormat } from './model.js';
import { type KeptOfTensors, keptOfUnits } from './pools.js';
import { matrixOf } from './units.js';

export interface UnitSummary {
  readonly path: string;
  /** Index in `Model.rules`; undefined when no rule selects it. */
  readonly rule: number | undefined;
  readonly method: string;
  /** As `explain` prints them. */
  readonly arguments: readonly { readonly name: string; readonly value: string }[];
  /** How open arguments were solved. */
  readonly why: readonly string[];
  readonly gates: number;
  /** Of one gate. */
  readonly rows: number;
  readonly columns: number;
  /** Multiply-adds of one product with all columns; those of `after` may be of one for each column block. */
  readonly macsAtOnce: number;
  /** Elements of masked tensors and the values kept of them: the unit's share of its pool until it is trained. */
  readonly elements: number;
  readonly kept: number;
  /** Number format of its values in the first C program: `int8(per=row)`. */
  readonly format: string;
  /** Where that is said, and when values are rounded: `then, straight-through`; empty for float32 by default. */
  readonly formatNote: string;
  /** Biases not included. */
  readonly before: Cost;
  readonly after: Cost;
  /** Upper bounds of the rank of one gate's matrix. */
  readonly rankBefore: number;
  readonly rankAfter: number;
}

export interface LayerSummary {
  readonly name: string;
  readonly kind: string;
  /** `dkp`, or `hlf, dense` where weights differ; `dense` for an embedding; empty for what stores nothing. */
  readonly method: string;
  readonly units: readonly UnitSummary[];
  /** Number formats of its weights in the first C program, other than float32. */
  readonly formats: readonly string[];
  /** Biases and tables included. */
  readonly before: Cost;
  readonly after: Cost;
  /** Parameters before / after. */
  readonly factor: number;
  /** Smallest rank bound of its weights, before and after; 0 where it has none. */
  readonly rankBefore: number;
  readonly rankAfter: number;
}

/** What one rule does to one layer: the figures that its goal is about. */
export interface RuleSummary {
  readonly rule: number;
  readonly layer: string;
  readonly units: readonly UnitSummary[];
  /** The rule selects all matrices of the layer: biases are in `before` and `after`. */
  readonly whole: boolean;
  readonly before: Cost;
  readonly after: Cost;
  readonly factor: number;
  readonly elements: number;
  readonly kept: number;
}

function summarizeUnits(model: Model, layer: Layer, keptOf: ReadonlyMap<Unit, number>): readonly UnitSummary[] {
  return layer.units.map((unit) => {
    const { path, rule, weight, why } = unit;
    const matrix = denseMatrix(unit);
    const small = rule !== undefined && model.rules[rule]?.method === 'small';
    const units = { name: 'units', value: String(hiddenUnits(layer)) };
    const written = matrixOf(defined(layer.written.family, 'matrices'), matrix.gates, unit.blocks);
    const dense = bindDense(written, { layerKind: layer.kind, path, span: layer.span });
    const kept = keptOf.get(unit) ?? 0;
    return {
      path,
      rule,
      method: small ? 'small' : weight.method,
      arguments: small ? [units] : weight.arguments,
      why,
      gates: matrix.gates,
      rows: matrix.shape[0],
      columns: matrix.shape[1],
      macsAtOnce: macsAtOnce(weight, kept),
      elements: maskedElements(weight),
      kept,
      ...formatFacts(weight.format ?? float32, unit),
      before: weightCost(dense, 0),
      after: weightCost(weight, kept),
      rankBefore: dense.rank,
      rankAfter: weight.rank,
    };
  });
}

const factorOf = (before: Cost, after: Cost): number =>
  after.parameters === 0 ? 1 : before.parameters / after.parameters;

/** Matrices as the program writes them and as stored, with biases and tables where they count. */
const sums = (units: readonly UnitSummary[], plain: { readonly before: Cost; readonly after: Cost }) => {
  const before = addCosts([...units.map((u) => u.before), plain.before]);
  const after = addCosts([...units.map((u) => u.after), plain.after]);
  return { before, after, factor: factorOf(before, after) };
};

/** What `explain` says of a weight's number format: who decides it, and whether training knows it. */
function formatFacts(format: NumberFormat, unit: Unit) {
  const { format: text, formatNote } = formatOrigin(format, unit.format);
  const products = integerProducts(unit, () => format);
  const words = { none: [], some: ['integer products in part'], all: ['integer products'] }[products];
  return { format: text, formatNote: [...(formatNote === '' ? [] : [formatNote]), ...words].join(', ') };
}

function formatOrigin(format: NumberFormat, rule: WeightFormat | undefined) {
  const [isPlain, text] = [isFloat32(format), formatText(format)];
  if (rule === undefined) return { format: text, formatNote: isPlain ? '' : 'by emit, rounded after training' };
  const trained = hasLearnedScales(format) ? 'trained straight-through with its scales' : 'trained straight-through';
  const when = rule.trained ? trained : isPlain ? '' : 'rounded after training';
  return { format: text, formatNote: ['by the rule', when].filter((note) => note !== '').join(', ') };
}

const plainOf = ({ shape, written }: Layer) => ({ before: plainCost(written), after: plainCost(shape) });

const formatsIn = (units: readonly UnitSummary[]): readonly string[] =>
  [...new Set(units.map((u) => u.format))].filter((format) => format !== 'float32');

/** One row for each layer, in the order of the model; with what training has kept, where it is known. */
export function summarize(model: Model, trained?: KeptOfTensors): readonly LayerSummary[] {
  const keptOf = keptOfUnits(model, trained);
  return model.layers.map((layer) => {
    const units = summarizeUnits(model, layer, keptOf);
    const plain = plainOf(layer);
    const methods = [...new Set(units.map((u) => u.method))];
    const ranks = (of: (u: UnitSummary) => number): number => (units.length === 0 ? 0 : Math.min(...units.map(of)));
    return {
      name: layer.name,
      kind: layer.kind,
      method: methods.length > 0 ? methods.join(', ') : plain.after.parameters > 0 ? 'dense' : '',
      units,
      formats: formatsIn(units),
      ...sums(units, plain),
      rankBefore: ranks((u) => u.rankBefore),
      rankAfter: ranks((u) => u.rankAfter),
    };
  });
}

/** Sizes of the whole model. */
export const totals = (layers: readonly LayerSummary[]) => {
  const before = addCosts(layers.map((l) => l.before));
  const after = addCosts(layers.map((l) => l.after));
  return { before, after, factor: factorOf(before, after) };
};

/** One row for each rule in each layer that it stores weights of. */
export const summarizeRules = (model: Model, trained?: KeptOfTensors): readonly RuleSummary[] => {
  const layers = summarize(model, trained);
  return model.rules.flatMap((_, rule) =>
    model.layers.flatMap((layer, i) => {
      const units = layers[i]!.units.filter((u) => u.rule === rule);
      if (units.length === 0) return [];
      const whole = units.length === layer.units.length;
      const elements = units.reduce((sum, u) => sum + u.elements, 0);
      const kept = units.reduce((sum, u) => sum + u.kept, 0);
      const plain = whole ? plainOf(layer) : { before: noCost, after: noCost };
      return [{ rule, layer: layer.name, units, whole, ...sums(units, plain), elements, kept }];
    }),
  );
};
