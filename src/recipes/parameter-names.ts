/**
 * Which weights of a model a recipe's parameter names mean. Recipes name PyTorch parameters: `rnn.weight_ih_l0`,
 * `module.decoder.weight`. A module called as a layer is that layer; else recurrent layers are counted, and the usual
 * names of embeddings and output layers are known.
 */
import type { Layer, Model } from '../model/model.js';
import type { ParameterPattern } from './recipe.js';

/** A weight matrix of the model and every name that PyTorch may give it. */
export interface NamedWeight {
  /** `rnn1.input`. */
  readonly selector: string;
  readonly names: readonly string[];
}

const outputModules = ['decoder', 'fc', 'linear', 'out', 'output', 'classifier', 'logits', 'proj'];
const embeddingModules = ['encoder', 'embedding', 'embed', 'emb', 'embeddings'];
const recurrentModules = ['rnn', 'lstm', 'gru'];

/** `rnn1.2` of `layers=2` is the second of `rnn1`. */
const definitionOf = ({ name }: Layer): string => name.split('.')[0]!;

function recurrentNames(model: Model, layer: Layer): readonly NamedWeight[] {
  const recurrent = model.layers.filter((l) => l.shape.family?.parts.includes('recurrent') === true);
  const within = recurrent.filter((l) => definitionOf(l) === definitionOf(layer)).indexOf(layer);
  const places = [
    ...recurrentModules.map((module) => [module, recurrent.indexOf(layer)] as const),
    [definitionOf(layer), within] as const,
  ];
  const part = (name: string, short: string): NamedWeight => ({
    selector: `${layer.name}.${name}`,
    names: [...new Set(places.map(([module, k]) => `${module}.weight_${short}_l${k}`))],
  });
  return [part('input', 'ih'), part('recurrent', 'hh')];
}

/** Every weight that may be compressed, by the names PyTorch may give it. */
export function namedWeights(model: Model): readonly NamedWeight[] {
  const plain = (kinds: readonly string[]): readonly Layer[] => model.layers.filter((l) => kinds.includes(l.kind));
  const outputs = plain(['softmax', 'dense']);
  const embeddings = plain(['embedding']);
  return model.layers.flatMap((layer): readonly NamedWeight[] => {
    const { family } = layer.shape;
    if (family?.parts.includes('recurrent') === true) return recurrentNames(model, layer);
    const usual = outputs.at(-1) === layer ? outputModules : embeddings[0] === layer ? embeddingModules : [];
    if (family === undefined && !embeddings.includes(layer)) return [];
    return [{ selector: layer.name, names: [layer.name, ...usual].map((module) => `${module}.weight`) }];
  });
}

/** `module.rnn.weight_ih_l0` -> `rnn.weight_ih_l0`: the module's own name and the parameter's. */
const tail = (name: string): string => name.split('.').slice(-2).join('.');

function matches(pattern: ParameterPattern, names: readonly string[]): boolean {
  if (pattern.kind === 'all') return true;
  if (pattern.kind === 'name') return names.includes(tail(pattern.text));
  try {
    const expression = new RegExp(`^(?:${pattern.text})`);
    return names.some((name) => expression.test(name) || expression.test(`module.${name}`));
  } catch {
    return false;
  }
}

/** Selectors of the weights a pattern means, in the order of the model; [] when it means none of them. */
export const selectorsOf = (pattern: ParameterPattern, weights: readonly NamedWeight[]): readonly string[] =>
  weights.filter(({ names }) => matches(pattern, names)).map(({ selector }) => selector);
