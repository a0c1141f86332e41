/** What can be wrong with a `sweep` block: its settings, and combinations that no run can meet. */
import { catalogue } from '../diagnostics/catalogue.js';

export const sweepError = catalogue('sweep', {
  'no-axes': {
    severity: 'error',
    message: '`sweep` varies nothing',
    hint: 'write what it varies, such as `method = [lmf, hlf(k=1), prune]` or `seed = [1, 2, 3]`',
  },
  'no-train': {
    severity: 'error',
    message: '`sweep` trains every combination, and the program has no `train` block',
    hint: 'add one with `data = ...`',
  },
  'unknown-setting': { severity: 'error', message: '`sweep` cannot vary `{name}`', hint: '{suggestion}' },
  'same-for-all': {
    severity: 'error',
    message: '`{name}` is the same for all runs of a sweep: they are compared by it',
    hint: 'write it in `train`',
  },
  'given-twice': { severity: 'error', message: '`{name}` is varied twice', hint: 'write one list' },
  'no-values': { severity: 'error', message: '`{name}` lists no value', hint: 'list one or more, or remove the line' },
  'value-twice': { severity: 'error', message: '`{value}` stands twice in `{name}`', hint: 'remove one of the two' },
  'method-type': {
    severity: 'error',
    message: '`{name}` lists methods, found {found}',
    hint: 'write a name or a call, such as `lmf` or `hlf(k=1)`',
  },
  'format-type': {
    severity: 'error',
    message: '`{name}` lists number formats, found {found}',
    hint: 'write a name or a call, such as `float32` or `int8(per=row)`',
  },
  'no-rule': {
    severity: 'error',
    message: '`{name}` replaces what a rule says, and {found}',
    hint: 'write a rule with a method in `compress`, such as `rnn: lmf to 5x`',
  },
  'rule-in-part': {
    severity: 'error',
    message: '`{name}` names only some of the weights of the rule `{rule}`',
    hint: 'select all that the rule selects, or write two rules',
  },
  'too-many': {
    severity: 'error',
    message: '`sweep` makes {runs} combinations, at most {most} are made',
    hint: 'vary less, or write several programs',
  },
  'never-met': {
    severity: 'error',
    message: '`{value}` can be met in no combination of `sweep`: {reason}',
    hint: '{hint}',
  },
  skipped: {
    severity: 'warning',
    message: '{combination} cannot be met and is left out: {reason}',
    hint: '{hint}',
  },
});
