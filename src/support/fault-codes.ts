/**
 * The codes of all faults: what lies outside the program text and may go wrong. `rnnc explain CODE` and
 * `docs/diagnostics/` tell of each what stands here; a fault with another code is a type error.
 */

export interface FaultPage {
  /** One sentence. */
  readonly cause: string;
  /** What to do about it. */
  readonly help: string;
}

const page = (cause: string, help: string): FaultPage => ({ cause, help });

const files = {
  'file/missing': page(
    'There is no program of this name.',
    'Name a `.cmp` file, or a folder that holds exactly one. Without a name the program of the folder you are in is ' +
      'taken, or of the last build.',
  ),
  'file/unreadable': page(
    'A file is there and cannot be read.',
    'The message ends with what the system said: no permission, a folder in the place of a file, a broken disk.',
  ),
  'file/not-text': page('A file that should be text is not UTF-8.', 'Convert it to UTF-8.'),
  'file/unwritable': page(
    'A file or folder cannot be written.',
    'The message ends with what the system said: no space, no permission. `--out` chooses another folder.',
  ),
  'file/exists': page('`rnnc init` would write over a file.', 'Name another file, or remove this one.'),
} satisfies Record<string, FaultPage>;

const programs = {
  'program/no-train-block': page(
    'A command that trains meets a program without a `train` block.',
    'Write one with at least `data = ...` and `epochs = ...`; `docs/language.md` lists its settings.',
  ),
  'program/no-sweep-block': page(
    '`rnnc sweep` meets a program without a `sweep` block.',
    'Write one: `sweep { to = [2x, 4x, 8x] }`; `docs/sweeps.md` shows what it takes.',
  ),
  'program/no-baseline': page(
    '`--baseline` asks for the dense model, and training follows the sparsity of the rules that it lacks.',
    'Write the moments of the schedule in epochs or steps, or leave `--baseline` out.',
  ),
  'recipe/not-yaml': page(
    '`rnnc import-recipe` is given a file that is not YAML.',
    'The message tells the line. Give the recipe file itself.',
  ),
  'recipe/unknown': page(
    'A YAML file is no recipe of a tool that `rnnc import-recipe` knows.',
    'It knows the pruning recipes of SparseML and Distiller; see `docs/coming-from-recipes.md`.',
  ),
  'recipe/value': page(
    'A recipe says a number that a program cannot say.',
    'A sparsity is at least 0 and below 1, a number of epochs is not negative. The message tells which value it is.',
  ),
  'lock/missing': page(
    '`--locked` asks for the build that was locked, and there is no lock file.',
    'Build once without `--locked`: it writes `<program>.lock.json` beside the program. Keep it in version control.',
  ),
  'lock/damaged': page(
    'A lock file is not one that this version wrote.',
    'Restore it from version control, or build without `--locked` to write it anew.',
  ),
  'lock/differs': page(
    'A build with `--locked` would not be the one that was locked.',
    'The message names what differs: the program, an import, the data, a solved number, the seed or the version of ' +
      'rnnc. Undo it, or build without `--locked` to lock the new one.',
  ),
} satisfies Record<string, FaultPage>;

const data = {
  'data/no-folder': page('The folder that `data` names is not there.', 'Correct the path, or name it with `--data`.'),
  'data/not-a-folder': page('`data` names a file.', 'Name the folder that holds the splits.'),
  'data/unreadable': page('A file of the data cannot be read.', 'The message ends with what the system said.'),
  'data/no-split': page(
    'A split is missing in the folder of the data.',
    'The training split is always needed, `valid` for `stop = early` and `rnnc eval`. A split is a file with `train`,' +
      ' `valid` or `test` in its name.',
  ),
  'data/ambiguous-split': page(
    'Several files of the folder may be one split.',
    'Leave one file with the word of the split in its name.',
  ),
  'data/empty-file': page('A file of the data holds nothing.', 'Give text, or remove the file of that split.'),
  'data/binary': page('A file of the data holds NUL bytes.', 'Give plain UTF-8 text; it may be packed, or UTF-16.'),
  'data/not-utf8': page('A file of the data is not UTF-8.', 'Convert it: `iconv -t utf-8`.'),
  'data/no-text': page('A page is to train and was given no text.', 'Give `text` to `createTrainer`.'),
  'data/too-short': page(
    'A split has fewer tokens than one batch needs.',
    'A batch takes batch x unroll tokens: make one of them smaller, or give more text.',
  ),
  'data/too-long': page('A sequence is longer than `max_steps`.', 'Raise `max_steps` of the loader, or cut it.'),
  'data/vocabulary-too-small': page(
    'The data has more symbols than the model has room for.',
    'Make `vocab=` of the `ids` input as large as the message says.',
  ),
  'data/odd-vocabulary': page(
    'A given vocabulary lacks a word that every text needs.',
    'It is not the vocabulary of a training on text: `<unk>` and `<eos>` belong to it.',
  ),
  'data/columns': page('A line of tagged text has not two columns.', 'Each line is a token and its label.'),
  'data/lines': page('Two files that belong together line by line differ in length.', 'Give both the same lines.'),
  'data/empty-sequence': page('A line of tagged text holds no word.', 'Remove the line.'),
  'data/no-label': page('An example has no label, or not one for each word.', 'The message shows the line.'),
  'data/no-relation': page(
    'A record of relations is no sentence with two marked words.',
    'Write a number, a tab and the sentence in quotes, with `<e1>...</e1>` and `<e2>...</e2>` once each.',
  ),
  'data/label-count': page(
    'The data has other labels than the `softmax` has classes.',
    'Write the `softmax` with as many classes as the message says.',
  ),
  'data/changed': page(
    'A file of the data changed while the run read it.',
    'The run ends rather than mix two versions. Resume when the file is as it was, else start anew with `--restart`.',
  ),
  'data/examples': page(
    'A page cannot train on labelled examples.',
    'Pages train on text. Train with `rnnc train`; the page can run the trained model.',
  ),
  'data/generated-size': page(
    '`generated(...)` asks for a source that cannot be made.',
    'The law of the source must fit in memory: a smaller `order` or `vocab`.',
  ),
} satisfies Record<string, FaultPage>;

const training = {
  'engines/missing': page('The library of an engine cannot be loaded.', '`rnnc engines` tells why, and what is there.'),
  'engine/unavailable': page(
    'The engine or device that was asked for is not available here.',
    '`rnnc engines` lists those that are.',
  ),
  'engine/varies': page(
    '`--deterministic` refuses an engine that may give other bits in another run.',
    'Leave `--deterministic` out, or choose another engine: the default one never varies.',
  ),
  'train/run-folder': page(
    'A file of the run cannot be read or written.',
    'The message tells which, and what the system said. The last checkpoint is whole: free space and resume.',
  ),
  'train/locked': page(
    'Another run trains in this folder.',
    'Wait until it ends, or choose another folder with `--out`. The lock of a run that died is taken over by itself.',
  ),
  'train/bad-checkpoint': page(
    'A checkpoint is cut short or altered.',
    'Go on from the one before it as the message says, or start anew with `--restart`.',
  ),
  'train/other-checkpoint': page(
    'A checkpoint belongs to another program, other data or another engine.',
    'Start anew with `--restart`, or choose another folder with `--out`.',
  ),
  'train/no-weights': page('The kept weights of a run are gone from its folder.', 'Start the run anew.'),
  'train/odd-weights': page(
    'The weights that training is to start from do not fit the program.',
    'The message names the first tensor that does not. Give weights of this program, or dense ones of its shapes.',
  ),
  'train/other-vocabulary': page(
    'The weights that training is to start from know other words than the data.',
    'Train on the text that the weights were trained on.',
  ),
  'train/cannot-feed': page(
    'An input of the model takes what the data does not give.',
    'The loaders give ids: train a model whose inputs are `ids`.',
  ),
  'train/no-metric': page('The metric cannot be computed on this data.', 'Write `metric = accuracy`.'),
  'train/diverged': page(
    'The loss or the gradient is no longer a number.',
    'Lower `lr`, or set `clip=` of the optimizer. The last good checkpoint is kept.',
  ),
  'train/not-finite': page('The loss on a split is no number.', 'The weights have diverged: lower `lr`, set `clip=`.'),
  'metrics/none': page('There are no metrics: nothing was trained here.', 'Run `rnnc train` first.'),
} satisfies Record<string, FaultPage>;

const builds = {
  'build/untrained': page('There are no trained weights in the build folder.', 'Run `rnnc train` or `rnnc build`.'),
  'emit/no-calibration': page(
    'Scales of vectors are to be calibrated, and no training has left data beside the weights.',
    'Run `rnnc train`, or write `vectors = dynamic`.',
  ),
  'build/damaged': page('A file of the build is not as it was written.', 'Train again.'),
  'build/other-program': page(
    'The weights of the build are those of another version of the program.',
    'Train again, or give the program the name and shapes that it was trained with.',
  ),
  'build/not-finite': page(
    'A trained weight is no number.',
    'Training diverged: lower `lr`, set `clip=`, train again.',
  ),
  'build/not-sparse-enough': page(
    'More weights are left than the program keeps.',
    'The sparsity schedule has not ended: finish the training.',
  ),
  'build/not-emitted': page('The build has no code of this target.', 'Run `rnnc emit --target TARGET`.'),
  'safetensors/bad-file': page('A weight file is no sound safetensors file.', 'Write it anew.'),
  'fit/same-file': page('`rnnc fit` would write over the weights it reads.', 'Choose another folder with `--out`.'),
  'format/overflow': page(
    'A weight is larger than its number format can hold.',
    'Store it as `bfloat16` or `float32`, or train with less of it: `l2(...)`.',
  ),
  'emit/not-finite': page('A weight to be emitted is no number.', 'Training diverged: train again.'),
  'emit/needs-length': page(
    'A model that needs the whole sequence is emitted without its greatest length.',
    'Write `max_steps = 50` in the `emit` block.',
  ),
  'emit/word-with-newline': page(
    'A word of the vocabulary holds a line break and cannot stand in a list of lines.',
    'Write `vocab = none` in the `emit` block.',
  ),
  'emit/not-compiled': page('The compiled modules of a page are missing.', 'In a checkout: `npm run build`.'),
  'onnx/too-large': page(
    'A graph with its weights is larger than an ONNX file can be, 2 GiB.',
    'Compress the weights, or emit another target.',
  ),
} satisfies Record<string, FaultPage>;

const running = {
  'predict/empty': page('There is nothing to predict from.', 'Give `--text` or `--ids`.'),
  'predict/no-text': page(
    'The model does not turn ids into classes.',
    '`rnnc predict` and `rnnc eval` need an `ids` input and a `softmax` output.',
  ),
  'predict/several': page('The model of a page has several inputs or outputs.', 'Use `run` with a value for each.'),
  'predict/wrong-size': page(
    'An input of the model is given too many or too few values.',
    'The message says how many.',
  ),
  'verify/not-emitted': page(
    'The folder to be verified is not one that rnnc emitted.',
    'Give a folder that `rnnc emit` or `rnnc build` has written.',
  ),
  'verify/broken-manifest': page('The manifest of emitted code cannot be read.', 'Emit the folder again.'),
  'verify/other-weights': page('Emitted code holds other weights than the build.', 'Emit it again.'),
  'verify/no-toolchain': page(
    'A compiler or an emulator for the target is missing.',
    'In a checkout `bash scripts/setup-toolchain.sh` installs them; `--runner` runs on a machine of your own.',
  ),
  'verify/cannot-compile': page('The C compiler refuses the emitted code.', 'The message is its first line.'),
  'verify/cannot-run': page('A tool that verification needs does not work.', 'The message is its first line.'),
  'verify/run-failed': page('Emitted code ran and did not give what was asked for.', 'Emit it again; then report it.'),
  'verify/no-runner': page(
    'The command of `--runner` does not run programs.',
    'It must pass its arguments and standard input on, as `ssh board` does.',
  ),
  'page/missing': page('A file of an emitted page cannot be fetched.', 'Serve the whole emitted folder.'),
  'page/no-tfjs': page('tfjs did not load in the page.', 'Serve the `vendor/` folder beside the page.'),
  'page/no-wasm': page('The wasm backend does not start in this browser.', "Use `backend: 'cpu'`."),
  'page/no-backend': page('No backend of tfjs starts in this browser.', 'Use a current browser.'),
  'page/no-training': page('The emitted model cannot be trained in a page.', 'It needs a `train` block with labels.'),
  'page/no-validation': page(
    'A page is to evaluate, and nothing is held out.',
    'Give `validation` to `createTrainer`: a text, or the share of `text` to hold out.',
  ),
  'page/bad-validation': page(
    '`validation` or `validationTokens` of `createTrainer` cannot be met.',
    'The message says why: a share between 0 and 1 of a text of several words; text for programs that read text only.',
  ),
  'page/bad-weights': page(
    'A predictor in a page is given weights of another program.',
    'Give what `weights()` or `save()` of a trainer of this program gave.',
  ),
  'page/bad-checkpoint': page('A page cannot go on from the checkpoint it is given.', 'Start anew.'),
} satisfies Record<string, FaultPage>;

/** In the order in which a program meets them. */
export const faultPages = { ...files, ...programs, ...data, ...training, ...builds, ...running };
export type FaultCode = keyof typeof faultPages;
