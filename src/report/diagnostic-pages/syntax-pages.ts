/** Pages of the diagnostics of the text: characters, literals, structure, items and imports. */
import type { syntaxError } from '../../syntax/messages.js';
import { fileOf, type PagesOf, page, pageOf, stored, tiny, trained, withLets } from './page.js';

const nested = (depth: number): string =>
  `let flat = ${'['.repeat(depth)}\n  1\n${']'.repeat(depth)}\n\n${tiny().replace('language 1\n\n', '')}`;

/** A program that imports, and what else is in its folder. */
const importing = (path: string, others: Readonly<Record<string, string>> = {}) => ({
  files: { 'model.cmp': `language 1\nimport "${path}"\n`, 'base.cmp': tiny(), ...others },
});

export const syntaxPages: PagesOf<typeof syntaxError> = {
  'non-ascii': page(
    'A character outside ASCII stands outside strings and comments.',
    'Signs copied from a paper often look like those of the language: `×` for `x`, or a long dash. Write the ' +
      'sign in ASCII. Strings and comments may hold any text.',
    stored('rnn: kp(B=4x5, C=6x8)'),
    ['4x5', '4×5'],
  ),
  'stray-character': page(
    'A character begins no word, number or sign of the language.',
    'Statements end with their line and need no `;`, comments begin with `//`, strings stand in double quotes.',
    trained('seed = 1'),
    ['seed = 1', 'seed = 1;'],
  ),
  'cut-string': page(
    'A string is not closed on the line it begins on.',
    'Close it with `"`. A line break inside a string is written `\\n`.',
    trained('start = "dense.safetensors"'),
    ['.safetensors"', '.safetensors'],
  ),
  'cut-comment': page(
    'A comment that begins with `/*` is never closed.',
    'Close it with `*/`; a comment of one line may begin with `//` in place of it.',
    `${tiny()}\n/* The output has a class for each word. */\n`,
    ['word. */', 'word.'],
  ),
  'unknown-escape': page(
    'A backslash in a string stands before a letter that it gives no meaning.',
    'The escapes are `\\"`, `\\\\` and `\\n`. Paths are written with `/`.',
    trained('start = "runs/dense.safetensors"'),
    ['runs/dense', 'runs\\dense'],
  ),
  'malformed-number': page(
    'A word begins with a digit and is no number.',
    'Numbers are written `10_000`, `0.5`, `1e-5`, `1/1.2`, `99.93%`, `13x65`, `25x`, or with a unit behind them.',
    stored('rnn: kp(B=4x5, C=6x8)'),
    ['4x5', '4x5y'],
  ),
  'unknown-unit': page(
    'A number stands before a word that is no unit.',
    'Sizes end in B, KB, MB, GB, KiB, MiB or GiB; times in us, ms or s; clocks in kHz, MHz or GHz; spans of training ' +
      'in epochs or steps.',
    stored('rnn: lmf to 4 KB'),
    ['4 KB', '4 KBs'],
  ),
  'number-too-large': page(
    'A number is larger than can be told from its neighbours.',
    'Whole numbers go up to 2^53 - 1, above which not every one can be represented; reals up to 1.8e308.',
    trained('seed = 9_007_199_254_740_991'),
    ['740_991', '740_993'],
  ),
  'zero-dimension': page(
    'A shape has a dimension of 0.',
    'A matrix without rows or columns holds nothing. Every dimension is at least 1.',
    stored('rnn: kp(B=4x5, C=6x8)'),
    ['4x5', '4x0'],
  ),
  'zero-factor': page(
    'A factor is 0.',
    'A factor says how many times smaller something becomes; it is above 0, and as a goal at least 1.',
    stored('rnn: lmf to 2x'),
    ['2x', '0x'],
  ),
  'zero-divisor': page('A ratio divides by 0.', 'Write a divisor above 0.', trained('lr = decay(1.0, by=1/2)'), [
    '1/2',
    '1/0',
  ]),
  'percent-range': page(
    'A percent is below 0% or above 100%.',
    'Percents are shares of a whole: of values, of rows, of units. What may be larger is written as a factor, `25x`.',
    stored('rnn: prune(sparsity=90%)'),
    ['90%', '190%'],
  ),
  negative: page(
    'A size, a time or a span of training is negative.',
    'Write it without the sign.',
    trained('lr = decay(1.0, by=1/2, after=2 epochs)'),
    ['after=2', 'after=-2'],
  ),
  unexpected: page(
    'The text does not go on as the grammar wants it.',
    'The message says what is expected and what was found; the place is where reading could not go on. The statement ' +
      'is set aside and the rest of the program is read, so that other faults are found in the same run.',
    trained('seed = 1'),
    ['seed = 1', 'seed 1'],
  ),
  'missing-value': page(
    'Nothing stands behind a sign that wants a value.',
    'Write the value on the same line, or remove the statement.',
    trained('lr = 0.5', 'seed = 1'),
    ['lr = 0.5', 'lr ='],
  ),
  'missing-name': page(
    'A name is missing in front of a sign that wants one.',
    'The hint lists the words that are legal there.',
    trained('optimizer = adam(clip=5)'),
    ['clip=5', '=5'],
  ),
  'missing-to': page(
    'An amount stands behind a method without `to`.',
    'What a rule reaches is its goal: `method to 25x`.',
    stored('rnn: lmf to 2x'),
    ['to 2x', '2x'],
  ),
  'rule-word': page(
    'A word of a rule is a misspelt keyword.',
    'A rule is `selectors: method(...) to GOAL then FORMAT`, with `except` between selectors.',
    stored('rnn: lmf to 2x then int8'),
    ['then', 'thne'],
  ),
  'goal-word': page(
    'A word behind a goal is none that a goal ends with.',
    'A goal is `to 25x`, `to 40 KB` or `to 2x macs`, each with `together` behind it where several layers share it.',
    stored('rnn: lmf to 2x macs'),
    ['macs', 'mcas'],
  ),
  'no-method': page(
    'A rule has a goal and no method.',
    'The goal says how small a weight becomes, the method how it is stored: both are needed.',
    stored('rnn: lmf to 2x'),
    ['lmf to 2x', 'to 2x'],
  ),
  'reserved-word': page(
    'A word that begins an item of a program is used as a name.',
    'The words `model`, `compress`, `train`, `emit`, `sweep`, `language`, `import` and `let`, and those of rules, ' +
      'name nothing else, so that a forgotten brace is noticed where it is missing.',
    `let size = 24\n\n${tiny().replace('language 1\n\n', '')}`,
    ['size', 'train'],
  ),
  'unclosed-block': page(
    'A block has no closing brace.',
    'Close it with `}` behind its last statement. The note shows where it was opened.',
    trained('seed = 1'),
    ['\n}\n\ntrain', '\n\ntrain'],
  ),
  'unknown-item': page(
    'A word where an item of the program should begin begins none.',
    'A program consists of `language`, `import`, `let` and the blocks `model`, `compress`, `train` and `emit`.',
    trained('seed = 1'),
    ['train {', 'trian {'],
  ),
  'too-deep': pageOf(
    'Brackets or braces are nested more than 64 deep.',
    'No program needs that many. A file that does is usually generated by a faulty script.',
    nested(64),
    nested(65),
  ),
  'too-long': pageOf(
    'A text is longer than any program.',
    'It is not read at all, so that a file of another kind is refused at once.',
    tiny(),
    `${tiny()}${`// ${'-'.repeat(77)}\n`.repeat(12_346)}`,
  ),
  'too-many-errors': {
    cause: 'A text has more than 50 faults of structure.',
    help: 'The first 50 are shown. A file with that many is usually no .cmp program, or lacks a brace near its top.',
    right: fileOf(trained('seed = 1')),
    wrong: fileOf(trained(...Array.from({ length: 51 }, (_, i) => `seed = ${i} ;`))),
    amongOthers: true,
  },
  'plain-name': page(
    'A name that the program defines holds signs that only words of the language may hold.',
    'Names become file names, tensor names and C symbols: letters, digits and `_`, beginning with a letter or `_`.',
    tiny().replace('model tiny', 'model tiny_model'),
    ['tiny_model', 'tiny-model'],
  ),
  'selector-not-here': page(
    'A setting of a block that has no settings of single layers names a layer.',
    'Only `sparsity` of `train` may be said of one layer: `sparsity(rnn) = ...`.',
    tiny('emit c {\n  activation = exact\n}\n'),
    ['activation =', 'activation(rnn) ='],
  ),
  'index-not-whole': page(
    'The number of a layer in a path is no whole number.',
    'Layers of `layers=n` count from 1: `rnn.2` is the second.',
    stored('rnn.1: lmf to 2x').replace('lstm(embed, 24)', 'lstm(embed, 24, layers=2)'),
    ['rnn.1', 'rnn.-1'],
  ),
  'not-in-this-version': page(
    'The program uses a form of the language that this version does not build.',
    'Such forms are refused by name, never read and ignored. The hint says what there is in its place.',
    'language 1\n\nmodel tiny {\n  tokens = ids(vocab=50)\n  next   = softmax(embedding, 50)\n}\n'.replace(
      'softmax(embedding, 50)',
      'embedding(tokens, 50)',
    ),
    ['{\n  tokens = ids(vocab=50)\n  next   = embedding(tokens, 50)\n}', 'from "tiny.onnx"'],
  ),
  'language-version': page(
    'The program is written for another version of the language.',
    'This rnnc reads language 1. A program for a newer one needs a newer rnnc; it is not guessed at.',
    tiny(),
    ['language 1', 'language 2'],
  ),
  'language-first': pageOf(
    'The line `language 1` is not the first item.',
    'The version decides how everything behind it is read. Write it once, at the top.',
    withLets('let units = 24'),
    `let units = 24\n${tiny()}`,
  ),
  'let-literal': page(
    'A constant is defined by something that is no literal.',
    'Constants are literals: numbers, percents, shapes, factors, sizes, strings, or lists of them. A name or a call ' +
      'would have to be computed, and the language computes nothing.',
    withLets('let units = 24'),
    ['units = 24', 'units = size'],
  ),
  'let-twice': page(
    'Two constants have one name.',
    'A constant has one value in the whole program, its imports included. The note shows the first.',
    withLets('let units = 24\nlet width = 16'),
    ['let width', 'let units'],
  ),
  'block-twice': pageOf(
    'Two blocks of one kind stand in the program or its imports.',
    'There is one `model`, one `compress` and one `train` block, and one `emit` for a target. Merge the two.',
    trained('seed = 1', 'lr = 0.5'),
    trained('seed = 1').concat('\ntrain {\n  lr = 0.5\n}\n'),
  ),
  'import-outside': {
    cause: 'An import leaves the folder of the program.',
    help:
      'Imports are relative paths inside that folder, also through links, so that a program can be moved, sent and ' +
      'hashed with all it needs.',
    right: importing('base.cmp'),
    wrong: importing('../base.cmp'),
  },
  'import-missing': {
    cause: 'An imported file is not there.',
    help: 'Paths are relative to the file that imports. The message names the file that was looked for.',
    right: importing('base.cmp'),
    wrong: importing('bace.cmp'),
  },
  'import-cycle': {
    cause: 'A file imports itself, directly or through others.',
    help: 'The message lists the way round. Drop one of the imports, or move what both need to a third file.',
    right: importing('base.cmp'),
    wrong: importing('loop.cmp', { 'loop.cmp': `import "model.cmp"\nimport "base.cmp"\n` }),
  },
};
