/**
 * What changes between two programs, in the compiler's own terms: layers, rules, what each weight becomes and costs,
 * settings in force. Texts that differ and mean the same make no difference; nothing that means another thing is left
 * out. Pure data; how it is printed is in `difference-text.ts`.
 */
import type { Model } from '../model/model.js';
import { type LayerSummary, summarize, totals, type UnitSummary } from '../model/summary.js';
import { count } from '../support/units.js';
import { emitSettings } from './emit-settings.js';
import { argumentText, trainingSettings } from './explain.js';

/** One fact that is not the same on both sides; undefined where a side has no such thing. */
export interface Change {
  /** `model`, `compress`, `weights`, `cost`, `train`, `emit neon`. */
  readonly section: string;
  /** What it is about: `rnn1`, `rnn1.parameters`, `lr`. */
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

type Facts = ReadonlyMap<string, string>;
type Sections = ReadonlyMap<string, Facts>;

/** Each layer as its definition means it: what it reads, what it gives, its tensors and states. */
function layerFacts(model: Model): Facts {
  const facts = new Map<string, string>([['name', model.name]]);
  for (const { name, kind, inputs, shape } of model.layers) {
    const { signal, states, tensors, dropout } = shape;
    const gives = signal.kind === 'ids' ? `ids out of ${count(signal.vocabulary)}` : `${count(signal.width)} values`;
    const often = signal.kind === 'vector' && !signal.perStep ? ' per sequence' : '';
    const held = Object.entries(states).map(([state, width]) => `${state} ${width}`);
    const starts = Object.entries(tensors).flatMap(([tensor, { patch }]) =>
      patch ? [`${tensor} from ${patch[2]}`] : [],
    );
    const notes = [...held, ...starts, ...(dropout > 0 ? [`dropout ${Number((100 * dropout).toFixed(10))}%`] : [])];
    facts.set(name, [`${kind}(${inputs.join(', ')})`, `${gives}${often}`, ...notes].join('; '));
  }
  return facts;
}

/** Rules by their text; two of the same text cannot stand in one program. */
const ruleFacts = ({ rules }: Model): Facts => new Map(rules.map(({ text, layers }) => [text, layers.join(', ')]));

const weightText = (unit: UnitSummary): string => {
  const matrix = `${unit.gates === 1 ? '' : `${unit.gates} gates `}${unit.rows}x${unit.columns}`;
  return `${matrix} ${unit.method} ${argumentText(unit, unit)}`.trimEnd();
};

const weightFacts = (layers: readonly LayerSummary[]): Facts =>
  new Map(layers.flatMap(({ units }) => units.map((unit) => [unit.path, weightText(unit)] as const)));

/** Parameters, bytes, multiply-adds and rank of each layer, and of the whole model. */
function costFacts(layers: readonly LayerSummary[]): Facts {
  const facts = new Map<string, string>();
  for (const { name, after, units, rankAfter } of [
    ...layers,
    { ...totals(layers), name: 'all', units: [], rankAfter: 0 },
  ]) {
    if (after.parameters === 0) continue;
    facts.set(`${name} parameters`, count(after.parameters));
    facts.set(`${name} bytes`, count(after.bytes));
    facts.set(`${name} multiply-adds`, count(after.macs));
    if (units.length > 0) facts.set(`${name} rank`, count(rankAfter));
  }
  return facts;
}

/** `emit neon`, and `emit neon (2)` for a second block of one target. */
function emitSections({ emits }: Model): readonly (readonly [string, Facts])[] {
  const seen = new Map<string, number>();
  return emits.map((emit) => {
    const number = (seen.get(emit.target) ?? 0) + 1;
    seen.set(emit.target, number);
    return [`emit ${emit.target}${number > 1 ? ` (${number})` : ''}`, new Map(emitSettings(emit))];
  });
}

function sectionsOf(model: Model): Sections {
  const layers = summarize(model);
  const { training } = model;
  return new Map<string, Facts>([
    ['model', layerFacts(model)],
    ['compress', ruleFacts(model)],
    ['weights', weightFacts(layers)],
    ['cost', costFacts(layers)],
    ['train', new Map(training === undefined ? [] : trainingSettings(training))],
    ...emitSections(model),
  ]);
}

/** All changes from one program to another, section by section, in the order of the programs. */
export function difference(before: Model, after: Model): readonly Change[] {
  const [from, to] = [sectionsOf(before), sectionsOf(after)];
  const none: Facts = new Map();
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((section) => {
    const [was, is] = [from.get(section) ?? none, to.get(section) ?? none];
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
      const change = { section, name, before: was.get(name), after: is.get(name) };
      return change.before === change.after ? [] : [change];
    });
  });
}
