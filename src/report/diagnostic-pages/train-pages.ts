/** Pages of the diagnostics of the `train` block. */
import type { trainError } from '../../model/train-messages.js';
import { compress, doped, type PagesOf, page, pruned, tiny, train, trained } from './page.js';

const dropping = (line: string): string => trained(line).replace('lstm(embed, 24)', 'lstm(embed, 24, dropout=20%)');
/** Two pruned LSTMs. */
const two = (rule: string, ...lines: readonly string[]): string =>
  tiny(compress(rule), train(...lines)).replace(
    'rnn    = lstm(embed, 24)\n  next   = softmax(rnn, 50)',
    'rnn1   = lstm(embed, 24)\n  rnn2   = lstm(rnn1, 24)\n  next   = softmax(rnn2, 50)',
  );
const lmf = (...lines: readonly string[]): string => tiny(compress('rnn: lmf to 2x'), train(...lines));

export const trainPages: PagesOf<typeof trainError> = {
  'not-a-call': page(
    'A setting wants a call, such as a schedule or an optimizer, and finds something else.',
    'The hint shows how it is written.',
    trained('lr = decay(1.0, by=1/2)'),
    ['decay(1.0, by=1/2)', '50%'],
  ),
  'unknown-word': page(
    'A setting wants one of some words and finds another.',
    'The hint names the nearest, or all of them.',
    trained('optimizer = adam'),
    ['= adam', '= adm'],
  ),
  'no-input': page(
    'The loader feeds ids, and the model has no single input that takes them.',
    'Give the model one `tokens = ids(vocab=...)`.',
    trained(),
    ['tokens = ids(vocab=50)\n  embed  = embedding(tokens, 16)', 'tokens = features(4)\n  embed  = dense(tokens, 16)'],
  ),
  'sees-the-answer': page(
    'A layer that reads backwards stands before an output that is to tell the next token.',
    'It has read that token already: the loss would be near 0 and the model useless.',
    trained().replace('lstm(embed, 24)', 'lstm(embed, 24, bidirectional=no)'),
    ['bidirectional=no', 'bidirectional=yes'],
  ),
  'no-softmax': page(
    'The model has no single `softmax` of the kind that the loader labels.',
    '`text`, `generated` and `tagged` label every step, `classified` the whole sequence.',
    trained(),
    ['softmax(rnn, 50)', 'dense(rnn, 50)'],
  ),
  vocabulary: page(
    'The source, the input and the output do not have the same number of words.',
    'The next word is one of those that are read: write the same number in all three.',
    trained(),
    ['softmax(rnn, 50)', 'softmax(rnn, 60)'],
  ),
  'vocabulary-of-input': page(
    'The input has another number of ids than the source and the softmax.',
    'The two agree with each other, so it is the input that is mended.',
    trained(),
    ['tokens = ids(vocab=50)', 'tokens = ids(vocab=60)'],
  ),
  'nothing-pruned': page(
    '`sparsity` states the road of pruned weights, and there is none.',
    'Prune one in `compress`, or remove the line.',
    pruned('sparsity = cubic(to=4 epochs)'),
    ['rnn: prune(sparsity=90%)', 'rnn: lmf to 2x'],
  ),
  'other-end': page(
    'A schedule of the sparsity names another end than the rule.',
    'The rule states the sparsity, the schedule only the road to it. Leave `end=` out.',
    pruned('sparsity = cubic(to=4 epochs, end=90%)'),
    ['end=90%', 'end=95%'],
  ),
  'starts-above-end': page(
    'A schedule of the sparsity starts above the sparsity of the rule.',
    'What is pruned stays pruned: start at or below the end.',
    pruned('sparsity = cubic(to=4 epochs, start=50%)'),
    ['start=50%', 'start=95%'],
  ),
  'two-schedules': page(
    'Two lines schedule the sparsity of one layer.',
    'Keep one of the two, or select less.',
    two('lstm *: prune(sparsity=90%)', 'sparsity(rnn1) = cubic(to=4 epochs)', 'sparsity(rnn2) = linear(to=4 epochs)'),
    ['sparsity(rnn2)', 'sparsity(rnn*)'],
  ),
  metric: page(
    'A metric is asked for that the loader does not measure.',
    'Text measures loss and perplexity; labelled examples also accuracy, tagged ones F1.',
    trained('metric = perplexity'),
    ['= perplexity', '= accuracy'],
  ),
  'ends-before-start': page(
    'A schedule ends before it starts.',
    'Exchange the two moments.',
    pruned('sparsity = cubic(from=2 epochs, to=4 epochs)'),
    ['from=2', 'from=6'],
  ),
  'values-and-moments': page(
    'A schedule of steps or pieces has too many or too few values for its moments.',
    '`steps` takes a value for each stretch, one more than moments; `piecewise` one for each moment. Of a sparsity ' +
      'the last value is that of the rule and is not written.',
    trained('lr = steps([1.0, 0.5], at=[4 epochs])'),
    ['[1.0, 0.5]', '[1.0, 0.5, 0.1]'],
  ),
  'rises-above-end': page(
    'A schedule of the sparsity goes above the sparsity of the rule.',
    'What is pruned stays pruned: no value on the way is above the end.',
    pruned('sparsity = steps([0%, 50%], at=[2 epochs, 4 epochs])'),
    ['50%', '95%'],
  ),
  'sparsity-falls': page(
    'A schedule of the sparsity falls.',
    'What is pruned stays pruned: let the values rise.',
    pruned('sparsity = steps([20%, 50%], at=[2 epochs, 4 epochs])'),
    ['[20%', '[60%'],
  ),
  'ends-late': page(
    'A schedule ends after the run.',
    'Its end would never be reached, and with it the sparsity or the rate that the program states.',
    pruned('sparsity = cubic(to=4 epochs)'),
    ['to=4', 'to=40'],
  ),
  'moment-not-value': page(
    'A schedule has a value where a moment of the run belongs.',
    '`from` and `to` say when; the values stand before them, the first and the last.',
    trained('lr = linear(1.0, 0.1, to=4 epochs)'),
    ['0.1, to=4 epochs', 'to=0.1'],
  ),
  'cmr-without-dkp': page(
    'Co-matrix row dropout is asked for, and no weight has two parts.',
    '`cmr` drops rows of one part or the other of `dkp` weights.',
    doped('regularize = cmr(p=50%)'),
    ['dkp(B=4x5, C=6x8) to 8x', 'lmf to 2x'],
  ),
  'two-roads': page(
    'The probability of `cmr` has a schedule of its own and follows the sparsity too.',
    'Remove `until`, or give a constant.',
    doped('regularize = cmr(p=linear(50%, 100%, to=4 epochs))'),
    ['to=4 epochs))', 'to=4 epochs), until=sparsity(90%))'],
  ),
  'follows-nothing': page(
    'A schedule waits for a sparsity, and nothing is pruned.',
    'Write a number of epochs or steps, or prune a weight in `compress`.',
    trained('lr = decay(1.0, by=1/2, after=2 epochs)'),
    ['2 epochs', 'sparsity(50%)'],
  ),
  'never-reached': page(
    'A schedule waits for a sparsity that the pruned weights do not reach.',
    'The hint gives the sparsity of all pruned weights together at their end.',
    pruned('lr = decay(1.0, by=1/2, after=sparsity(80%))'),
    ['sparsity(80%)', 'sparsity(95%)'],
  ),
  'starts-late': page(
    'A decaying rate first falls when the run is over.',
    'It would be a constant one. Use a shorter `after`, more `epochs`, or a constant.',
    trained('lr = decay(1.0, by=1/2, after=4 epochs)'),
    ['4 epochs', '9 epochs'],
  ),
  'cmr-never-ends': page(
    '`cmr` lasts until a sparsity that its weights do not reach.',
    'Every row is kept from that sparsity on; without it the run would end with rows still dropped.',
    doped('regularize = cmr(p=50%, until=sparsity(90%))'),
    ['sparsity(90%)', 'sparsity(99%)'],
  ),
  'nothing-drops': page(
    '`dropout` schedules the dropout of layers, and no layer drops.',
    'Write `dropout=` in a layer, or remove the line.',
    dropping('dropout = linear(0%, 20%, to=4 epochs)'),
    [', dropout=20%', ''],
  ),
  'alternate-without-dkp': page(
    'Turns are asked for, and no weight has two parts.',
    '`alternate` trains the Kronecker product and the overlay of `dkp` weights in turns.',
    doped('alternate = bcd(every=1 epoch)'),
    ['dkp(B=4x5, C=6x8) to 8x', 'lmf to 2x'],
  ),
  'alternate-never-turns': page(
    'A turn is as long as the run.',
    'The other part would stay as it was drawn. Use a shorter `every`, or more `epochs`.',
    doped('alternate = bcd(every=1 epoch)'),
    ['1 epoch', '8 epochs'],
  ),
  'distort-nothing': page(
    '`distort` projects weights onto a method, and no rule stores a weight by it.',
    'The hint lists the methods of the rules.',
    lmf('distort = distort(every=100 steps)'),
    ['(every', '(kp, every'],
  ),
  'distort-refused': page(
    '`distort` cannot project a weight.',
    'A projection replaces a dense matrix by the nearest that the method can be, again and again. The message says ' +
      'why this one cannot be.',
    lmf('distort = distort(every=100 steps)'),
    ['lmf to 2x', 'hlf to 2x'],
  ),
  'distort-never': page(
    'The first projection comes after the run.',
    'The weights would only be cut at its end. Use a shorter `every`, or more `epochs`.',
    lmf('distort = distort(every=1 epoch)'),
    ['1 epoch', '9 epochs'],
  ),
  'distort-takes-parts': page(
    'A setting about the parts of `dkp` weights stands beside a `distort` that trains them as whole matrices.',
    'Remove one of the two, or name another method in `distort`.',
    doped('distort = distort(every=100 steps)', 'seed = 1'),
    ['seed = 1', 'regularize = cmr(p=50%)'],
  ),
  'road-in-ranking': page(
    'Layers that are pruned by one ranking have different schedules.',
    'With `ranking=global` the values of all layers compete at every update: they walk one road.',
    two('lstm *: prune(sparsity=90%, ranking=layer)', 'sparsity(rnn1) = cubic(to=4 epochs)'),
    ['layer)', 'global)'],
  ),
  'distort-takes-road': page(
    '`sparsity` schedules weights that `distort` projects at their final count.',
    'Such weights are dense between two projections and have no road. Remove one of the two.',
    pruned('distort = distort(every=100 steps)', 'seed = 1'),
    ['seed = 1', 'sparsity = cubic(to=4 epochs)'],
  ),
  'stop-too-late': page(
    '`stop` waits longer for a better epoch than the run lasts.',
    'It could never stop the run. Use less `patience`, or more `epochs`.',
    trained('stop = early(patience=3)'),
    ['patience=3', 'patience=8'],
  ),
  twice: page(
    'A list names one regularizer twice.',
    'Keep one of the two.',
    doped('regularize = [cmr(p=50%), l2(1e-5)]'),
    ['l2(1e-5)]', 'l2(1e-5), l2(1e-4)]'],
  ),
};
