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
  'nothing-overridden': {
    severity: 'warning',
    message: '`override` stands before a rule that no other rule meets',
    hint: 'remove the word, or correct what one of the rules selects',
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
  'goal-above-dense': {
    severity: 'error',
    message: '`{layer}` takes {dense} as a dense matrix{format}, which is within {goal} already',
    hint: 'use less than {dense}, or {instead}',
  },
  'unreachable-goal': {
    severity: 'error',
    message: '`{method}` on `{layer}` reaches {least} to {most}, not {goal}',
    hint: '{hint}',
  },
});

export const emitError = catalogue('emit', {
  'unknown-target': { severity: 'error', message: 'there is no target `{word}`', hint: '{suggestion}' },
  weights: { severity: 'error', message: '`weights` expects a number format, found {found}', hint: '{suggestion}' },
  budget: {
    severity: 'error',
    message: '`budget` expects a size such as `56 MB`, a time such as `2 ms`, or one of each in a list, found {found}',
    hint: 'write a number with `KB`, `MB`, `KiB` or `MiB`, with `us` or `ms`, or `[56 MB, 2 ms]`',
  },
  'core-twice': { severity: 'error', message: 'the list asks for `{core}` twice', hint: 'write `{core}` once' },
  'mixed-cores': {
    severity: 'error',
    message: 'no program runs on both {narrow} (32-bit) and {wide} (64-bit)',
    hint: 'write one `emit neon` for each kind, each with a `prefix` of its own',
  },
  'no-clock': {
    severity: 'error',
    message: '`{time}` is a time, and nothing says how fast the core runs',
    hint: 'write its clock, such as `clock = 1.8 GHz`',
  },
  'no-cycle-model': {
    severity: 'error',
    message: '{what} needs a core whose cycles are modelled, `emit {target}` is for {core}',
    hint: 'write `emit neon` with `cpu =` one of {cores}, or remove it',
  },
  'no-length': {
    severity: 'error',
    message: '`emit {target}` of {layer}, which reads a sequence from its end, expects `max_steps`',
    hint: 'write how long a sequence may be, such as `max_steps = 50`',
  },
  'over-budget': {
    severity: 'error',
    message: 'the weights take {found}, the budget is {budget}',
    hint: 'compress more, or raise the budget to at least {least} bytes',
  },
  'over-time': {
    severity: 'error',
    message: 'one step takes {found}, the budget is {budget}',
    hint: 'compress {layer}, which takes {share} of it, or raise the budget to at least {least}',
  },
  'vectors-of-floats': {
    severity: 'error',
    message: '`vectors = calibrated` of `emit {target}` is of no use: vectors of float32 products are not rounded',
    hint: 'write `arithmetic = integer` too, or remove `vectors`',
  },
  'no-integers': {
    severity: 'error',
    message: '`arithmetic = integer` of `emit {target}` finds no product with weights in int8 or int4',
    hint: 'write `weights = int8`, or `then int8` behind a dense or thin matrix; or remove `arithmetic`',
  },
  'bad-prefix': {
    severity: 'error',
    message: 'a prefix is a C identifier, found {found}',
    hint: 'use letters, digits and `_`, such as `prefix = ptb`',
  },
});
