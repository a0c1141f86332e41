/** What can be wrong with the number formats of a program. */
import { catalogue } from '../diagnostics/catalogue.js';

export const formatError = catalogue('compress', {
  'two-formats': {
    severity: 'error',
    message: 'the values of a weight have one number format, found `{first}` and then `{word}`',
    hint: 'keep one of the two',
  },
  'format-first': {
    severity: 'error',
    message:
      'the method `{method}` stands behind the number format `{format}`, which is of the values that a method stores',
    hint: 'write `{method}(...) then {format}`',
  },
  'two-methods': {
    severity: 'error',
    message: '`then` takes a number format, found the method `{method}`: a weight is stored by one method',
    hint: 'keep one method, and write a format such as `then int8(per=row)`',
  },
  'unknown-format': { severity: 'error', message: 'there is no number format `{word}`', hint: '{suggestion}' },
  'learned-untrained': {
    severity: 'error',
    message: 'scales of {format} are learned while it is trained, and `train=no` leaves training without it',
    hint: 'remove `train=no`, or `scales=learned`',
  },
  'group-of-pruned': {
    severity: 'error',
    message:
      '{format} cannot be trained on the pruned values of `{path}`: which of them share a scale is known at the end',
    hint: '{hint}',
  },
});
