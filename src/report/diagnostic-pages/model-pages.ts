/** Pages of the diagnostics of the `model` block and its layers, and of words that are not built yet. */
import type { laterError } from '../../arguments/later.js';
import type { layerError } from '../../layers/messages.js';
import type { modelError } from '../../model/messages.js';
import { defined, type PagesOf, page, tiny, trained } from './page.js';

export const laterPages: PagesOf<typeof laterError> = {
  'not-in-this-version': page(
    'A word of the language names something that this version does not build.',
    'Such words are refused by name, never read and ignored. The hint says what there is in their place.',
    trained(),
    ['generated(vocab=50)', 'pairs("wmt")'],
  ),
};

export const modelPages: PagesOf<typeof modelError> = {
  'no-model': page(
    'The program has no `model` block.',
    'Every other block is about a model. Write one, or import the file that holds it.',
    tiny(),
    [tiny().slice('language 1\n\n'.length), 'let units = 24\n'],
  ),
  'duplicate-name': page(
    'Two definitions have one name.',
    'Names are those of layers in rules, in the weight file and in C. The note shows the first.',
    defined(
      'tokens = ids(vocab=50)',
      'embed  = embedding(tokens, 16)',
      'below  = lstm(embed, 24)',
      'above  = lstm(below, 24)',
      'next   = softmax(above, 50)',
    ),
    ['above  = lstm(below', 'below  = lstm(below'],
  ),
  'not-a-layer': page(
    'A name is defined by something that is no layer.',
    'In `model` every name stands for a layer: `name = layer(...)`. Constants are defined by `let`, above the block.',
    tiny(),
    ['softmax(rnn, 50)', '50'],
  ),
  'unknown-layer': page(
    'There is no layer of this name in the language.',
    'The hint names the nearest word that is one.',
    tiny(),
    ['lstm(', 'lstn('],
  ),
  'missing-input': page(
    'A layer is not told what it reads.',
    'The first argument of every layer but an input is the name of a layer that is defined above.',
    tiny(),
    ['lstm(embed, 24)', 'lstm(24)'],
  ),
  'unknown-input': page(
    'A layer reads a name that nothing defines.',
    'The hint names the nearest that is defined above.',
    tiny(),
    ['lstm(embed', 'lstm(embedd'],
  ),
  'used-before-defined': page(
    'A layer reads one that is defined further down.',
    'Each layer is used only after it is defined, so that a program reads from top to bottom and has no loops.',
    defined(
      'tokens = ids(vocab=50)',
      'embed  = embedding(tokens, 16)',
      'rnn    = lstm(embed, 24)',
      'next   = softmax(rnn, 50)',
    ),
    [
      'embed  = embedding(tokens, 16)\n  rnn    = lstm(embed, 24)',
      'rnn    = lstm(embed, 24)\n  embed  = embedding(tokens, 16)',
    ],
  ),
  'reads-itself': page(
    'A layer reads itself.',
    'A recurrent layer feeds its own state back by itself; its input is another layer.',
    tiny(),
    ['lstm(embed', 'lstm(rnn'],
  ),
  'too-large': page(
    'A tensor would hold more values than can be addressed.',
    'A tensor holds at most 2^31 - 1 values. Make the layer smaller, or store it by a method that holds less.',
    tiny(),
    ['vocab=50', 'vocab=200_000_000'],
  ),
  'unused-layer': page(
    'Nothing reads a layer, and it is no output.',
    'It would be trained and emitted for nothing. Read it in a later layer, or remove it.',
    tiny(),
    ['next   =', 'extra  = dense(rnn, 8)\n  next   ='],
  ),
  'no-output': page(
    'No layer follows the inputs.',
    'What a model computes is what nothing reads: end it with a layer such as `softmax`.',
    defined('tokens = ids(vocab=50)', 'next   = embedding(tokens, 50)'),
    ['\n  next   = embedding(tokens, 50)', ''],
  ),
  'unknown-setting': page(
    'A block has no setting of this name.',
    'Nothing is ignored: a setting that the block does not know is refused. The hint names the nearest it knows.',
    trained('optimizer = adam'),
    ['optimizer', 'optimiser'],
  ),
  'unexpected-selector': page(
    'A setting that holds for the whole model is given for one layer.',
    'Only `sparsity` may be said of one layer: `sparsity(rnn) = ...`.',
    trained('lr = 0.5'),
    ['lr =', 'lr(rnn) ='],
  ),
};

export const layerPages: PagesOf<typeof layerError> = {
  input: page(
    'A layer cannot read what the other one gives.',
    'Layers pass on ids, a vector at each step, or one vector for the sequence. Put the layer between that turns one ' +
      'into the other: `embedding` for ids, `last` or `max_over_time` for a sequence.',
    tiny(),
    ['lstm(embed', 'lstm(tokens'],
  ),
  'one-direction': page(
    '`merge=` is given to a layer that walks in one direction.',
    'It says how the outputs of two directions become one: it belongs beside `bidirectional=yes`.',
    defined(
      'tokens = ids(vocab=50)',
      'embed  = embedding(tokens, 16)',
      'rnn    = lstm(embed, 24, bidirectional=yes, merge=sum)',
      'end    = last(rnn)',
      'class  = softmax(end, 5)',
    ),
    ['bidirectional=yes, ', ''],
  ),
};
