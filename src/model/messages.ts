/** What can be wrong with a program that parses: one catalogue per block of the language. */
import { catalogue } from '../diagnostics/catalogue.js';

export const modelError = catalogue('model', {
  'no-model': {
    severity: 'error',
    message: 'the program has no `model` block',
    hint: 'write a block `model my_model` with an input, layers and an output',
  },
  'duplicate-name': { severity: 'error', message: '`{name}` is defined twice', hint: 'rename one of the two' },
  'not-a-layer': { severity: 'error', message: '`{name}` is defined by {found}, not by a layer', hint: '{hint}' },
  'unknown-layer': { severity: 'error', message: 'there is no layer `{word}`', hint: '{suggestion}' },
  'missing-input': {
    severity: 'error',
    message: '`{word}` reads a layer, found {found}',
    hint: 'write the name of a layer that is defined above first: `{word}(name, ...)`',
  },
  'unknown-input': { severity: 'error', message: 'no layer `{name}` is defined above', hint: '{suggestion}' },
  'used-before-defined': {
    severity: 'error',
    message: '`{name}` is used before it is defined',
    hint: 'move the definition of `{name}` above this line',
  },
  'reads-itself': {
    severity: 'error',
    message: '`{name}` reads itself',
    hint: 'read a layer that is defined above `{name}`; a recurrent layer feeds its own state back by itself',
  },
  'too-large': {
    severity: 'error',
    message: '`{path}` would hold {values} values, a tensor holds at most {most}',
    hint: 'make the layer smaller, or store it by a method',
  },
  'unused-layer': {
    severity: 'error',
    message: 'nothing reads `{name}`',
    hint: 'read it in a later layer, or remove it',
  },
  'no-output': {
    severity: 'error',
    message: 'the model has no output: no layer follows its inputs',
    hint: 'end it with a layer such as `next = softmax(..., classes)`',
  },
  'unknown-setting': { severity: 'error', message: '{block} has no setting `{name}`', hint: '{suggestion}' },
  'unexpected-selector': {
    severity: 'error',
    message: '`{name}` takes no selector here',
    hint: 'write `{name} = ...`',
  },
});

export const compressError = catalogue('compress', {
  'matches-nothing': { severity: 'error', message: '`{text}` selects no weight', hint: '{hint}' },
  'no-weights': {
    severity: 'error',
    message: '`{name}` has no matrix that a method stores: it is {kind}',
    hint: '{hint}',
  },
  'no-lookup': {
    severity: 'error',
    message: '`{method}` cannot store the table of `{layer}`: it has no way to look up one row',
    hint: 'use {methods}, or leave it out by `except {layer}`',
  },
  'table-macs': {
    severity: 'error',
    message: '`to {goal}` asks for fewer multiply-adds, but a row of `{layer}` is looked up: nothing is multiplied',
    hint: 'give a factor of parameters such as `to 4x`, or a size such as `to 400 KB`',
  },
  'unknown-kind': { severity: 'error', message: 'there is no layer kind `{word}`', hint: '{suggestion}' },
  'two-rules': {
    severity: 'error',
    message: '`{path}` is already stored by another rule',
    hint: 'select it once, or write `override` before the rule that wins',
  },
  'both-ways': {
    severity: 'error',
    message: '`{path}` is selected as a whole and by its parts in one rule',
    hint: 'keep one of the two',
  },
  'two-penalties': {
    severity: 'error',
    message: 'the rules of `{layer}` give `{scale}` the penalties {one} and {other}: a layer has one pair of scalars',
    hint: 'write the same `penalty` in both rules',
  },
  'rule-overridden': {
    severity: 'warning',
    message: 'every weight of this rule is overridden by another',
    hint: 'remove the rule',
  },
  'unknown-method': { severity: 'error', message: 'there is no method `{word}`', hint: '{suggestion}' },
  'stacked-subset': {
    severity: 'error',
    message: '`layout=stacked` stores all gates in one matrix, found only some gates of `{path}`',
    hint: 'select `{layer}`, or leave `layout=stacked` out',
  },
  'stacked-apart': {
    severity: 'error',
    message: '`layout=stacked` stores all gates in one matrix, but {reason}',
    hint: '{hint}',
  },
  'percent-goal': {
    severity: 'error',
    message: 'a goal is a factor such as `25x` or a size such as `40 KB`, found the percent {found}',
    hint: '{hint}',
  },
  'goal-type': {
    severity: 'error',
    message: 'a goal is {expects}, found {found}',
    hint: '{hint}',
  },
  'goal-below-one': {
    severity: 'error',
    message: 'a goal is at least 1x, found {found}',
    hint: 'write how many times smaller the layer becomes, such as `to 25x`',
  },
  'open-argument': {
    severity: 'error',
    message: '`{method}` leaves `{argument}` open and has no goal',
    hint: 'give `{argument}=...`, or a goal such as `to 25x`',
  },
  'not-small': {
    severity: 'error',
    message: '`small` cannot make `{name}` smaller: {reason}',
    hint: '{hint}',
  },
  'small-arguments': {
    severity: 'error',
    message: '`small` takes no arguments, found {found}',
    hint: 'write `small to 5x`: the goal gives the hidden units',
  },
  'small-without-goal': {
    severity: 'error',
    message: '`small` has no goal that gives its hidden units',
    hint: 'give a goal such as `small to 5x`',
  },
  'together-contradicts': {
    severity: 'error',
    message: '`{callee}` gives {achieved} over all layers of the rule, not {goal}',
    hint: '{hint}',
  },
  'nothing-kept': {
    severity: 'error',
    message: 'sparsity {sparsity} keeps none of the {elements} values of `{layer}`',
    hint: 'use `sparsity={most}` or less',
  },
  'unreachable-goal': {
    severity: 'error',
    message: '`{method}` on `{layer}` reaches {least} to {most}, not {goal}',
    hint: '{hint}',
  },
});

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
    hint: 'use `to={run}` or less, or more `epochs`',
  },
  'cmr-without-dkp': {
    severity: 'error',
    message: '`cmr` drops rows of `dkp` weights, found none',
    hint: 'store a weight by `dkp`, or remove `cmr`',
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
  'stop-too-late': {
    severity: 'error',
    message: '`stop` waits {patience} epochs for a better one, the run has {epochs}',
    hint: 'use `patience={most}` or less, or more `epochs`',
  },
  twice: { severity: 'error', message: '`{name}` is given twice', hint: 'keep one of the two' },
});

export const emitError = catalogue('emit', {
  'no-target': {
    severity: 'error',
    message: 'the `emit` block names no target',
    hint: 'write it behind the word: `emit neon`',
  },
  'unknown-target': { severity: 'error', message: 'there is no target `{word}`', hint: '{suggestion}' },
  weights: { severity: 'error', message: '`weights` expects a number format, found {found}', hint: '{suggestion}' },
  budget: {
    severity: 'error',
    message: '`budget` expects a size such as `56 MB`, found {found}',
    hint: 'write a number with `KB`, `MB`, `KiB` or `MiB`',
  },
  'no-length': {
    severity: 'error',
    message: '`emit {target}` of {layer}, which reads a sequence from its end, expects `max_steps`',
    hint: 'write how long a sequence may be, such as `max_steps = 50`',
  },
  'bad-prefix': {
    severity: 'error',
    message: 'a prefix is a C identifier, found {found}',
    hint: 'use letters, digits and `_`, such as `prefix = ptb`',
  },
});
