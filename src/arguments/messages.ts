/** What can be wrong with the arguments of a call or the settings of a block. */
import { catalogue } from '../diagnostics/catalogue.js';

export const argumentError = catalogue('argument', {
  unknown: { severity: 'error', message: '{callee} has no argument `{name}`', hint: '{suggestion}' },
  twice: { severity: 'error', message: '`{name}` is given twice', hint: 'keep one of the two' },
  missing: { severity: 'error', message: '{callee} needs `{name}`: {doc}', hint: 'write `{name} = ...`, {expects}' },
  'too-many': {
    severity: 'error',
    message: '{callee} takes {most} positional arguments, found {found}',
    hint: 'its arguments are {names}',
  },
  type: { severity: 'error', message: '`{name}` expects {expects}, found {found}', hint: '{hint}' },
  'unknown-word': { severity: 'error', message: '`{name}` cannot be `{word}`', hint: '{suggestion}' },
  'number-for-percent': {
    severity: 'error',
    message: '`{name}` expects {expects}, found {found}',
    hint: 'write `{percent}%`',
  },
  'unknown-name': { severity: 'error', message: '`{name}` is not a `let` constant', hint: '{suggestion}' },
});
