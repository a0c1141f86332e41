/** Pages of the diagnostics of the `sweep` block. */
import type { sweepError } from '../../model/sweep-messages.js';
import { compress, type PagesOf, page, tiny, train } from './page.js';

const block = (lines: string): string => `sweep {\n  ${lines}\n}\n`;
/** The example in training, one rule, and what is varied. */
const swept = (lines: string, rule = 'rnn: lmf to 5x', ...settings: readonly string[]): string =>
  tiny(compress(rule), train(...settings), block(lines));

export const sweepPages: PagesOf<typeof sweepError> = {
  'no-axes': page(
    'The block is empty.',
    'A sweep is one run for each combination of what its lines list: methods, goals, seeds, settings of `train`.',
    swept('seed = [1, 2, 3]'),
    ['seed = [1, 2, 3]\n', '\n'],
  ),
  'no-train': page(
    'There is nothing to train the combinations by.',
    'Every run is trained by the `train` block of the program.',
    swept('method = [lmf, prune]'),
    [`\n${train()}`, ''],
  ),
  'unknown-setting': page(
    'A name is none that a sweep varies.',
    '`method`, `to` and `format` replace those of rules; every other name is a setting of `train`.',
    swept('seed = [1, 2]'),
    ['seed', 'sed'],
  ),
  'same-for-all': page(
    'The data and the metric are what runs are compared by, so they are the same for all.',
    'Write them in `train`. Runs on other data are another sweep.',
    swept('seed = [1, 2]'),
    ['seed = [1, 2]', 'metric = [loss, perplexity]'],
  ),
  'given-twice': page(
    'Two lines vary the same thing.',
    'Write one list. Rules are varied apart from each other by naming them: `rnn1.method = [...]`.',
    swept('to = [2x, 5x]'),
    ['to = [2x, 5x]', 'to = [2x]\n  rnn.to = [5x]'],
  ),
  'no-values': page(
    'A list is empty, so that there would be no run at all.',
    'List one value or more.',
    swept('to = [2x]'),
    ['[2x]', '[]'],
  ),
  'value-twice': page(
    'A list names a value twice.',
    'The same program trained twice gives the same result: vary `seed` to see how much results differ.',
    swept('to = [2x, 5x]'),
    ['[2x, 5x]', '[5x, 5x]'],
  ),
  'method-type': page(
    '`method` lists something that is no method.',
    'A method is a word, or a call with those arguments that are not to be solved: `hlf(k=1)`.',
    swept('method = [lmf, prune]'),
    ['[lmf, prune]', '[lmf, 5x]'],
  ),
  'format-type': page(
    '`format` lists something that is no number format.',
    'A format is a word, or a call: `float32`, `int8(per=row)`, `int4(per=group(32))`.',
    swept('format = [float32, int8(per=row)]'),
    ['int8(per=row)', '8'],
  ),
  'no-rule': page(
    '`method`, `to` and `format` replace what a rule says, and no rule is meant.',
    'Methods and goals of rules that say `dense`, or a number format alone, are not varied; their formats are.',
    swept('rnn.method = [lmf, prune]'),
    ['rnn.method', 'next.method'],
  ),
  'rule-in-part': page(
    'A selector names only some of the weights of a rule.',
    'A rule has one method and one goal. Write two rules, and vary each.',
    swept('rnn.to = [2x, 5x]'),
    ['rnn.to', 'rnn.input.to'],
  ),
  'too-many': page(
    'The lists multiply to more runs than anyone waits for.',
    'Vary less at a time: what is done is not done again when a list grows.',
    swept('seed = [1, 2]'),
    ['[1, 2]', `[${Array.from({ length: 1001 }, (_, i) => (i > 0 && i % 20 === 0 ? `\n    ${i}` : i)).join(', ')}]`],
  ),
  'never-met': page(
    'With a value of a list the program is wrong in every combination.',
    'The reason is what `rnnc check` says of such a program. A value that is wrong by itself is told as such.',
    swept('epochs = [4, 8]', 'rnn: prune to 5x', 'sparsity = cubic(to=3 epochs)'),
    ['epochs = [4, 8]', 'epochs = [2, 8]'],
  ),
  skipped: page(
    'A combination cannot be met; the others are trained.',
    'A method reaches only some goals on a matrix. The combination stands in the table as skipped, with its reason.',
    swept('method = [lmf, prune]\n  to = [2x, 5x]'),
    ['[2x, 5x]', '[2x, 25x]'],
  ),
};
