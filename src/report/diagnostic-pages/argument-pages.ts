/** Pages of the diagnostics of arguments and settings, whichever call or block they belong to. */
import type { argumentError } from '../../arguments/messages.js';
import { type PagesOf, page, stored, tiny, trained, withLets } from './page.js';

export const argumentPages: PagesOf<typeof argumentError> = {
  unknown: page(
    'A call has no argument of this name.',
    'Nothing is ignored: an argument that the call does not know is refused. The hint names the nearest it knows.',
    stored('rnn: prune(sparsity=90%)'),
    ['sparsity', 'sparsty'],
  ),
  twice: page(
    'An argument or a setting is given twice.',
    'Neither of two values could win without a guess. The note shows the first; keep one.',
    trained('seed = 1'),
    ['seed = 1', 'seed = 1\n  seed = 2'],
  ),
  missing: page(
    'A call or a block leaves out an argument that has no default.',
    'The message says what the argument is, the hint what it expects.',
    tiny(),
    ['embedding(tokens, 16)', 'embedding(tokens)'],
  ),
  'too-many': page(
    'A call is given more arguments by position than it takes.',
    'Some arguments are given only by name. The hint lists all names in their order.',
    trained().replace('generated(vocab=50)', 'text("ptb", batch=20)'),
    ['batch=20', '20'],
  ),
  type: page(
    'A value is of another type than its argument, or outside its range.',
    'The message says what is expected, with its bounds, and what was found.',
    tiny(),
    ['embedding(tokens, 16)', 'embedding(tokens, 0)'],
  ),
  'unknown-word': page(
    'A word is none of those that an argument may be.',
    'The hint names the nearest, or all of them.',
    tiny('emit c {\n  activation = exact\n}\n'),
    ['exact', 'exakt'],
  ),
  'number-for-percent': page(
    'A plain number stands where a percent is expected.',
    'Shares are written with their sign, so that 0.5 and 0.5% cannot be mistaken for each other.',
    stored('rnn: prune(sparsity=90%)'),
    ['90%', '0.9'],
  ),
  'unknown-name': page(
    'A name stands where a value is expected, and no constant has it.',
    'Write the value, or define the constant above by `let name = ...`.',
    withLets('let units = 24', tiny().replace('lstm(embed, 24)', 'lstm(embed, units)')),
    ['lstm(embed, units)', 'lstm(embed, unit)'],
  ),
};
