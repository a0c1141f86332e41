/** What can be wrong with the text of a program, before anything is known about its meaning. */
import { catalogue } from '../diagnostics/catalogue.js';

export const syntaxError = catalogue('syntax', {
  // Characters and literals
  'non-ascii': {
    severity: 'error',
    message: '{character} stands outside strings and comments',
    hint: 'write the program in ASCII; strings and comments may hold any text',
  },
  'stray-character': { severity: 'error', message: '{character} has no meaning here', hint: '{hint}' },
  'cut-string': {
    severity: 'error',
    message: 'the string is not closed on its line',
    hint: 'close it with `"`; a line break inside a string is written `\\n`',
  },
  'cut-comment': { severity: 'error', message: 'the comment is never closed', hint: 'close it with `*/`' },
  'unknown-escape': {
    severity: 'error',
    message: '`{escape}` is not an escape',
    hint: 'use `\\"`, `\\\\` or `\\n`',
  },
  'malformed-number': {
    severity: 'error',
    message: '`{text}` is not a number',
    hint: 'write `10_000`, `0.5`, `1e-5`, `1/1.2`, `99.93%`, `13x65`, `25x` or a number with a unit',
  },
  'unknown-unit': { severity: 'error', message: '`{unit}` is not a unit', hint: '{suggestion}' },
  'number-too-large': {
    severity: 'error',
    message: '{text} is too large: numbers go up to {most}',
    hint: 'write a smaller number',
  },
  'zero-dimension': {
    severity: 'error',
    message: 'dimension {position} of shape {text} is 0',
    hint: 'every dimension is at least 1',
  },
  'zero-factor': { severity: 'error', message: 'factor {text} is 0', hint: 'a factor is above 0, such as `25x`' },
  'zero-divisor': { severity: 'error', message: '{text} divides by 0', hint: 'divide by a number above 0' },
  'percent-range': {
    severity: 'error',
    message: 'percent {text} is outside 0% to 100%',
    hint: 'write a percent from 0% to 100%',
  },
  negative: { severity: 'error', message: '{text} is negative', hint: 'write {positive}' },

  // Structure
  unexpected: { severity: 'error', message: 'expects {expected}, found {found}' },
  'missing-value': { severity: 'error', message: 'expects {expected} after `{sign}`, found {found}' },
  'missing-name': { severity: 'error', message: 'a name is missing in front of `{sign}`', hint: '{hint}' },
  'missing-to': {
    severity: 'error',
    message: '`to` is missing in front of `{amount}`',
    hint: 'write `to {amount}`',
  },
  'rule-word': { severity: 'error', message: '`{word}` is no word of a rule', hint: '{hint}' },
  'goal-word': { severity: 'error', message: '`{word}` is no part of a goal', hint: '{hint}' },
  'no-method': {
    severity: 'error',
    message: '`to {goal}` is a goal, found no method before it',
    hint: 'say how the weight is stored, such as `lmf to {goal}`',
  },
  'reserved-word': {
    severity: 'error',
    message: '`{word}` is a word of the language, not a name',
    hint: 'use another name, such as `{word}_`',
  },
  'unclosed-block': {
    severity: 'error',
    message: '`{word}` is never closed, found {found}',
    hint: 'close it with `{brace}`',
  },
  'unknown-item': { severity: 'error', message: '`{word}` begins no block', hint: '{suggestion}' },
  'too-deep': {
    severity: 'error',
    message: 'brackets are nested {depth} deep, allowed are {most}',
    hint: 'write it flatter',
  },
  'too-long': {
    severity: 'error',
    message: 'the text has {found} characters, a program has at most {most}',
    hint: 'see that the file is a .cmp program',
  },
  'too-many-errors': {
    severity: 'error',
    message: '{count} more errors are not shown',
    hint: 'mend the first ones, and see that the file is a .cmp program',
  },
  'plain-name': {
    severity: 'error',
    message: '`{text}` cannot be {role}',
    hint: 'use letters, digits and `_`, beginning with a letter, such as `{better}`',
  },
  'selector-not-here': {
    severity: 'error',
    message: '`{block}` has no settings of single layers, found `{text}`',
    hint: 'write `{name} = ...`',
  },
  'index-not-whole': {
    severity: 'error',
    message: '`{text}` is not the number of a layer',
    hint: 'count from 1, as in `rnn1.2`',
  },
  'not-in-this-version': {
    severity: 'error',
    message: '{what} is not in this version of rnnc',
    hint: '{hint}',
  },

  // Items
  'language-version': {
    severity: 'error',
    message: 'language {text} is not known, this rnnc reads language 1',
    hint: 'write `language 1`',
  },
  'language-first': {
    severity: 'error',
    message: '`language` stands behind other items',
    hint: 'write it once, as the first line',
  },
  'let-literal': {
    severity: 'error',
    message: '`let {name}` needs a literal, found {found}',
    hint: 'write a literal such as `0.5`, `25x` or `"text"`',
  },
  'let-twice': { severity: 'error', message: '`let {name}` is given twice', hint: 'keep one of the two' },
  'block-twice': {
    severity: 'error',
    message: '`{block}` is given twice',
    hint: 'merge the two blocks into one',
  },

  // Imports
  'import-outside': {
    severity: 'error',
    message: 'import "{path}" leaves the folder of the program',
    hint: 'use a relative path inside that folder, with `/` between the parts',
  },
  'import-missing': {
    severity: 'error',
    message: 'import "{path}" is not a readable file, looked for {file}',
    hint: 'paths are relative to the file that imports',
  },
  'import-cycle': {
    severity: 'error',
    message: 'import "{path}" leads back to itself: {cycle}',
    hint: 'drop one of the imports',
  },
});
