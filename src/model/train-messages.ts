/** What can be wrong with a `train` block. */
import { catalogue } from '../diagnostics/catalogue.js';

export const trainError = catalogue('train', {
  'not-a-call': {
    severity: 'error',
    message: '`{name}` expects {expects}, found {found}',
    hint: 'write `{name} = {example}`',
  },
  'unknown-word': { severity: 'error', message: '{name} cannot be `{word}`', hint: '{suggestion}' },
  'no-input': {
    severity: 'error',
    message: '`{loader}` feeds one `ids` input, found {found}',
    hint: 'give the model one `tokens = ids(vocab=...)`',
  },
  'sees-the-answer': {
    severity: 'error',
    message:
      '`{softmax}` predicts the next token of `{loader}`, but the backward direction of `{layer}` has already read it',
    hint: 'leave `bidirectional=yes` out of `{layer}`',
  },
  'no-softmax': {
    severity: 'error',
    message: '`{loader}` labels {what}, found {found}',
    hint: '{hint}',
  },
  vocabulary: {
    severity: 'error',
    message: '{what} has {found}, the input `{input}` has {vocabulary} ids',
    hint: 'write the same number in both',
  },
  'vocabulary-of-input': {
    severity: 'error',
    message: 'the input `{input}` has {found} ids, its source and its softmax have {wanted}',
    hint: 'write `vocab={vocab}`',
  },
  'nothing-pruned': {
    severity: 'error',
    message: '`sparsity` schedules a pruned weight, found none {where}',
    hint: 'prune one in `compress`, or remove this line',
  },
  'other-end': {
    severity: 'error',
    message: 'the schedule ends at {end}, the rule of `{layer}` at {sparsity}',
    hint: 'leave `end=` out: the rule states the sparsity, the schedule only the road',
  },
  'starts-above-end': {
    severity: 'error',
    message: 'the schedule starts at {start}, the rule of `{layer}` ends at {sparsity}',
    hint: 'use `start={sparsity}` or less',
  },
  'two-schedules': {
    severity: 'error',
    message: '`{layer}` has two sparsity schedules',
    hint: 'keep one of the two',
  },
  metric: {
    severity: 'error',
    message: '`{metric}` is not measured with `{loader}`',
    hint: 'use one of {known}',
  },
  'ends-before-start': {
    severity: 'error',
    message: 'the schedule ends at {to}, before it starts at {from}',
    hint: 'exchange `from` and `to`',
  },
  'values-and-moments': {
    severity: 'error',
    message: '`{word}` has {values} values for {moments} moments, it takes {wanted}',
    hint: 'give a value for each stretch (`steps`) or moment (`piecewise`); of a sparsity all but the last',
  },
  'rises-above-end': {
    severity: 'error',
    message: 'the schedule goes up to {value}, the rule of `{layer}` ends at {sparsity}',
    hint: 'use values of {sparsity} or less',
  },
  'sparsity-falls': {
    severity: 'error',
    message: 'the sparsity falls from {from} to {to}: what is pruned stays pruned',
    hint: 'let the values rise',
  },
  'ends-late': {
    severity: 'error',
    message: 'the schedule ends at {to}, the run after {run}',
    hint: '{hint}, or more `epochs`',
  },
  'moment-not-value': {
    severity: 'error',
    message: '`{name}` of `{word}` is a moment of the run, found {found}: the values come first',
    hint: 'write `{instead}`',
  },
  'cmr-without-dkp': {
    severity: 'error',
    message: '`cmr` drops rows of `dkp` weights, found none',
    hint: 'store a weight by `dkp`, or remove `cmr`',
  },
  'two-roads': {
    severity: 'error',
    message: '`until` ties p to the sparsity, but p has a schedule of its own',
    hint: 'remove one of the two',
  },
  'follows-nothing': {
    severity: 'error',
    message: '`{name}` follows the sparsity, but nothing is pruned by a schedule',
    hint: 'write a number of epochs or steps, or prune a weight in `compress`',
  },
  'never-reached': {
    severity: 'error',
    message: '`{name}` waits for sparsity {wanted}, all pruned weights together end at {sparsity}',
    hint: 'use `sparsity({sparsity})` or less',
  },
  'starts-late': {
    severity: 'error',
    message: 'the rate first falls after {first}, the run ends after {run}',
    hint: 'use a shorter `after` and `every`, more `epochs`, or a constant rate',
  },
  'cmr-never-ends': {
    severity: 'error',
    message: '`cmr` lasts until sparsity {until}, the weights of `{layer}` end at {sparsity}',
    hint: 'use `until=sparsity({sparsity})` or less',
  },
  'nothing-drops': {
    severity: 'error',
    message: '`dropout` schedules layers that drop, found none',
    hint: 'write `dropout=` in a layer, or remove this line',
  },
  'alternate-without-dkp': {
    severity: 'error',
    message: '`alternate` trains the parts of `dkp` weights in turns, found no such weight',
    hint: 'store a weight by `dkp`, or remove this line',
  },
  'alternate-never-turns': {
    severity: 'error',
    message: 'a turn of {every} is as long as the run of {run}: the other part is never trained',
    hint: 'use a shorter `every`, or more `epochs`',
  },
  'distort-nothing': {
    severity: 'error',
    message: '`distort` projects weights onto {what}, found none',
    hint: '{hint}',
  },
  'distort-refused': {
    severity: 'error',
    message: '`distort` cannot project `{path}`: {reason}',
    hint: '{hint}',
  },
  'distort-never': {
    severity: 'error',
    message: 'a projection every {every} comes after the run of {run}: the weights are only cut at its end',
    hint: 'use a shorter `every`, or more `epochs`',
  },
  'distort-takes-parts': {
    severity: 'error',
    message: '`{name}` is about the parts of `dkp` weights, but `distort` trains them as whole matrices',
    hint: 'remove one of the two, or name another method in `distort`',
  },
  'road-in-ranking': {
    severity: 'error',
    message: '`{layer}` and `{other}` are pruned by one ranking, and have different sparsity schedules',
    hint: 'give both the same schedule, or leave `ranking=global` out of their rule',
  },
  'distort-takes-road': {
    severity: 'error',
    message: '`sparsity` schedules a pruned weight, but `distort` projects those {where} at their final count',
    hint: 'remove one of the two, or name another method in `distort`',
  },
  'stop-too-late': {
    severity: 'error',
    message: '`stop` waits {patience} epochs for a better one, the run has {epochs}',
    hint: 'use `patience={most}` or less, or more `epochs`',
  },
  twice: { severity: 'error', message: '`{name}` is given twice', hint: 'keep one of the two' },
});
