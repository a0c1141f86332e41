/** Pages of the diagnostics of the `compress` block: selectors, methods, goals and number formats. */
import type { formatError } from '../../model/format-messages.js';
import type { compressError } from '../../model/messages.js';
import { type PagesOf, page, stored } from './page.js';

/** Two LSTMs, so that a goal can be shared. */
const two = (...rules: readonly string[]): string =>
  stored(...rules).replace(
    'rnn    = lstm(embed, 24)\n  next   = softmax(rnn, 50)',
    'rnn1   = lstm(embed, 24)\n  rnn2   = lstm(rnn1, 24)\n  next   = softmax(rnn2, 50)',
  );

export const compressPages: PagesOf<typeof compressError> = {
  'matches-nothing': page(
    'A selector, or a part of it, names no weight.',
    'A rule that selects nothing would be a rule that does nothing. The hint names the nearest, or all that there are.',
    stored('rnn: lmf to 2x'),
    ['rnn: lmf', 'rnm: lmf'],
  ),
  'no-weights': page(
    'A selector names a layer that has no matrix.',
    'Inputs and layers that only choose or join have nothing to store. The hint lists the layers that have.',
    stored('rnn: lmf to 2x'),
    ['rnn: lmf', 'tokens: lmf'],
  ),
  'no-lookup': page(
    'A method that cannot look up a single row is to store the table of an embedding.',
    'One row of the table is needed for each token. A method that would make the whole table for it is refused.',
    stored('embed: lmf to 2x'),
    ['embed: lmf', 'embed: kp'],
  ),
  'table-macs': page(
    'A goal in multiply-adds is given for the table of an embedding.',
    'A row is looked up and nothing is multiplied: give a factor of parameters, or a size.',
    stored('embed: lmf to 2x'),
    ['2x', '2x macs'],
  ),
  'unknown-kind': page(
    'The word in front of a selector is no kind of layer.',
    '`lstm *` selects all LSTMs. The hint names the nearest kind.',
    stored('lstm *: lmf to 2x'),
    ['lstm *', 'lstn *'],
  ),
  'two-rules': page(
    'Two rules select one weight.',
    'Neither may win without a word: write `override` before the rule that does. The note shows the other.',
    stored('lstm *: lmf to 2x', 'override rnn.input: lmf to 4x'),
    ['override rnn', 'rnn'],
  ),
  'both-ways': page(
    'One rule selects a layer as a whole and by its parts.',
    'As a whole its input and recurrent matrix are stored as one, by parts each by itself.',
    stored('rnn.recurrent, rnn.input: lmf to 2x'),
    ['rnn.recurrent, rnn', 'rnn, rnn'],
  ),
  'two-penalties': page(
    'Two rules of one layer give its scalars different penalties.',
    'The forms 2a and 2b weigh both parts by one pair of scalars for each layer.',
    stored('rnn.input: dkp(form=2a, penalty=1e-3) to 4x', 'rnn.recurrent: dkp(form=2b, penalty=1e-3) to 4x'),
    ['2b, penalty=1e-3', '2b, penalty=1e-2'],
  ),
  'nothing-overridden': page(
    '`override` stands before a rule that takes no weight from another.',
    'The word says that another rule stores a weight too. Where none does, one of the two selects something else ' +
      'than was meant.',
    stored('rnn: lmf to 2x', 'override rnn.input: lmf to 4x'),
    ['rnn: lmf', 'embed: lmf'],
  ),
  'rule-overridden': page(
    'Every weight of a rule is taken by another rule.',
    'The rule does nothing. Remove it, or select less in the other.',
    stored('lstm *: lmf to 2x', 'override rnn.input: lmf to 4x'),
    ['rnn.input', 'rnn'],
  ),
  'unknown-method': page(
    'There is no method of this name.',
    'The hint names the nearest. `rnnc explain` and docs/methods/ describe each.',
    stored('rnn: prune to 4x'),
    ['prune', 'prume'],
  ),
  'stacked-subset': page(
    '`layout=stacked` is asked for some gates of a layer.',
    'Stacked, all gates are one matrix. Select the whole layer, or leave `layout=stacked` out.',
    stored('rnn: lmf(layout=stacked) to 2x'),
    ['rnn: lmf', 'rnn.{i,f}: lmf'],
  ),
  'stacked-apart': page(
    '`layout=stacked` is asked for gates that do not read the same vector.',
    'The candidate gate of a GRU needs what the input and what the state gives apart. Store the two matrices each by ' +
      'itself, or the gates.',
    stored('rnn.input, rnn.recurrent: lmf(layout=stacked) to 2x').replace(
      'lstm(embed, 24)',
      'gru(embed, 24, reset_after=yes)',
    ),
    ['rnn.input, rnn.recurrent', 'rnn'],
  ),
  'percent-goal': page(
    'A goal is given as a percent.',
    'A percent may mean what is kept or what is gone. A goal is a factor or a size; the hint shows the factor.',
    stored('rnn: prune to 4x'),
    ['4x', '75%'],
  ),
  'goal-type': page(
    'A goal is neither a factor nor a size.',
    'Write `to 25x`, `to 40 KB` or `to 2x macs`.',
    stored('rnn: prune to 4x'),
    ['4x', '4'],
  ),
  'goal-below-one': page(
    'A goal asks for more parameters than there are.',
    'A goal says how many times smaller the layer becomes: it is at least 1x.',
    stored('rnn: prune to 4x'),
    ['4x', '0.4x'],
  ),
  'open-argument': page(
    'A rule leaves the sparsity open and has no goal to solve it from.',
    'Either is enough: `sparsity=90%`, or a goal such as `to 10x`.',
    stored('rnn: prune(sparsity=90%)'),
    ['prune(sparsity=90%)', 'prune'],
  ),
  'not-small': page(
    '`small` is asked of a layer that cannot have fewer hidden units.',
    'Outputs have as many units as there are classes, and a part of a layer has none of its own.',
    stored('rnn: small to 2x'),
    ['rnn: small', 'next: small'],
  ),
  'small-arguments': page(
    '`small` is given arguments.',
    'It has none: its goal gives the number of hidden units.',
    stored('rnn: small to 2x'),
    ['small to', 'small(12) to'],
  ),
  'small-without-goal': page(
    '`small` has no goal.',
    'The number of hidden units follows from it: `small to 5x`.',
    stored('rnn: small to 2x'),
    ['small to 2x', 'small'],
  ),
  'together-contradicts': page(
    'A complete method and a goal that several layers share do not agree.',
    'A goal beside a complete method is a check: it must agree within 0.5%. Drop one of the two.',
    two('rnn1, rnn2: lmf to 2x together'),
    ['lmf to', 'lmf(r=4) to'],
  ),
  'nothing-kept': page(
    'A sparsity leaves no value of a layer.',
    'Kept values are rounded to a whole count, which is 0 here. The hint gives the highest sparsity that keeps one.',
    stored('rnn: prune(sparsity=99.9%)'),
    ['99.9%', '99.999%'],
  ),
  'goal-above-dense': page(
    'The dense matrix fits the size already.',
    'A method has nothing to do there, and the largest setting within the size would store more than the matrix ' +
      'itself. Ask for less, or leave the weight dense in its number format.',
    stored('rnn: lmf to 4 KB then int8'),
    ['4 KB', '40 KB'],
  ),
  'unreachable-goal': page(
    'No setting of the method reaches the goal.',
    'The message gives the range that the method has on this layer, the hint the nearest goal within it.',
    stored('rnn: lmf to 10x'),
    ['10x', '100x'],
  ),
};

export const formatPages: PagesOf<typeof formatError> = {
  'two-formats': page(
    'A rule names two number formats.',
    'The values of a weight have one. Keep one of the two.',
    stored('rnn: lmf to 2x then int8'),
    ['then int8', 'then int8 then int4'],
  ),
  'format-first': page(
    'A method stands behind a number format.',
    'A method says which values are stored, the format how: `method(...) then format`.',
    stored('rnn: lmf(r=4) then int8'),
    ['lmf(r=4) then int8', 'int8 then lmf(r=4)'],
  ),
  'two-methods': page(
    'A rule names two methods.',
    'A weight is stored by one method; behind `then` stands the number format of its values.',
    stored('rnn: lmf(r=4) then int8'),
    ['then int8', 'then prune(sparsity=50%)'],
  ),
  'unknown-format': page(
    'There is no number format of this name.',
    'The formats are `float32`, `float16`, `bfloat16`, `int8`, `int4` and `int3`.',
    stored('rnn: lmf to 2x then float16'),
    ['float16', 'flaot16'],
  ),
  'learned-untrained': page(
    'Scales are to be learned in a format that training does not know.',
    'Scales are learned by the steps of training, beside the values that lie on their grid. With `train=no` values ' +
      'are rounded when training is over, and their scales follow from them.',
    stored('rnn: int4(per=row, scales=learned)'),
    ['scales=learned', 'train=no, scales=learned'],
  ),
  'group-of-pruned': page(
    'Values that are pruned while they are trained are to share scales in groups.',
    'Which values share a scale is known when pruning has ended. Round after training with `train=no`, or share the ' +
      'scale of a row.',
    stored('rnn: prune(sparsity=90%) then int8(per=row)'),
    ['per=row', 'per=group(8)'],
  ),
};
