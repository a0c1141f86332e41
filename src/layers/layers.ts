/** The list of layers: a new one is a file and one line here. */
import { concat } from './concat.js';
import { dense } from './dense.js';
import { embedding } from './embedding.js';
import { features } from './features.js';
import { gru } from './gru.js';
import { ids } from './ids.js';
import { last } from './last.js';
import type { LayerDefinition } from './layer.js';
import { lstm } from './lstm.js';
import { maxOverTime } from './max-over-time.js';
import { rnn } from './rnn.js';
import { softmax } from './softmax.js';

export const layers: readonly LayerDefinition[] = [
  ids,
  features,
  embedding,
  rnn,
  gru,
  lstm,
  dense,
  softmax,
  last,
  maxOverTime,
  concat,
];

export const findLayer = (word: string): LayerDefinition | undefined => layers.find((l) => l.word === word);

/** Words of the language that this version refuses by name. */
export const laterLayers: readonly string[] = ['attention', 'encoder', 'decoder', 'transformer', 'tie'];
