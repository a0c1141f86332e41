/** Pages of the diagnostics of `emit` blocks, and of weights that a program is fitted to. */
import type { fitError } from '../../fit/messages.js';
import type { emitError } from '../../model/messages.js';
import { type DiagnosticPage, defined, emitC, emitNeon, fileOf, type PagesOf, page, stored, tiny } from './page.js';

const backwards = defined(
  'tokens = ids(vocab=50)',
  'embed  = embedding(tokens, 16)',
  'rnn    = lstm(embed, 24, bidirectional=yes)',
  'end    = last(rnn)',
  'class  = softmax(end, 5)',
);

export const emitPages: PagesOf<typeof emitError> = {
  'unknown-target': page(
    'There is no target of this name.',
    'The targets are `neon`, `c`, `tfjs` and `onnx`.',
    tiny('emit neon {\n  cpu = cortex-a53\n}\n'),
    ['emit neon', 'emit neno'],
  ),
  weights: page(
    '`weights` is no number format.',
    'It is the format of every weight whose rule names none: `float32`, `float16`, `bfloat16`, `int8`, `int4` or ' +
      '`int3`, the integers with `(per=row)`, `(per=tensor)` or `(per=group(32))`.',
    tiny(emitC('weights = int8')),
    ['= int8', '= 8'],
  ),
  budget: page(
    '`budget` is no size and no time.',
    'A budget is bytes of the whole model, a number with `KB`, `MB`, `KiB` or `MiB`; the time of one step, a number ' +
      'with `us`, `ms` or `s`; or a list of one of each.',
    tiny(emitC('budget = 40 KB')),
    ['40 KB', '40_000'],
  ),
  'core-twice': page(
    'A list of cores names one twice.',
    'The program is made for all cores of the list; the order matters only to what it is tuned for: the first core ' +
      'whose code all others run.',
    tiny(emitNeon('cpu = [cortex-a53, cortex-a76]')),
    ['cortex-a76', 'cortex-a53'],
  ),
  'mixed-cores': page(
    'Several cores are asked for, and no program runs on all of them.',
    'A list of cores makes one program for all of them: what not every one has, products of dots, is chosen at run ' +
      'time. Programs for Cortex-A7, A9 and A15 are 32-bit ones, those for all others 64-bit ones.',
    tiny(emitNeon('cpu = [cortex-a53, cortex-a76]', 'weights = int8', 'arithmetic = integer')),
    ['cortex-a53', 'cortex-a7'],
  ),
  'no-clock': page(
    'A budget is a time, and the clock of the core is not told.',
    'A time is only ever modelled: cycles of the core, by its clock. `clock = 1.8 GHz` says how fast yours runs.',
    tiny(emitNeon('cpu = cortex-a53', 'budget = 40 us', 'clock = 1.2 GHz')),
    ['\n  clock = 1.2 GHz', ''],
  ),
  'no-cycle-model': page(
    'A budget is a time, and the cycles of the core are not modelled.',
    'Cycles are modelled for Cortex-A53, A55 and A57, whose model stands for A72, A73 and A76 too. Portable C is for ' +
      'any processor, and there is no model of the older 32-bit cores.',
    tiny(emitNeon('cpu = cortex-a53', 'budget = 40 us', 'clock = 1.2 GHz')),
    ['cortex-a53', 'cortex-a7'],
  ),
  'over-time': page(
    'One step takes longer than `budget` allows, as modelled.',
    'The notes list the cycles of every layer. Compress what takes most, choose `activation = fast` where the cells ' +
      'do, or raise the budget to what the hint says. Cache misses are not in the model: `rnnc explain --plan` says ' +
      'what fits where.',
    tiny(emitNeon('cpu = cortex-a53', 'budget = 40 us', 'clock = 1.2 GHz')),
    ['40 us', '4 us'],
  ),
  'no-length': page(
    'C code of a model that reads a sequence from its end is not told how long a sequence may be.',
    'The code allocates nothing: it keeps room for the longest sequence. `max_steps` says how many steps that is.',
    `${backwards}\n${emitC('max_steps = 40')}`,
    ['max_steps = 40', 'activation = std'],
  ),
  'over-budget': page(
    'The weights take more bytes than `budget` allows.',
    'The note lists the bytes of every layer. Compress more, choose a smaller number format, or raise the budget to ' +
      'what the hint says.',
    tiny(emitC('budget = 40 KB')),
    ['40 KB', '20 KB'],
  ),
  'vectors-of-floats': page(
    'Vectors are to have calibrated scales, and no product rounds them.',
    'Only `arithmetic = integer` rounds vectors to codes of 8 bits; `vectors` says where their scales come from.',
    tiny(emitC('weights = int8  arithmetic = integer  vectors = calibrated')),
    ['arithmetic = integer  ', ''],
  ),
  'no-integers': page(
    'Products of integers are asked for, and no weight takes part in one.',
    'With `arithmetic = integer` products with dense and thin matrices in `int8` or `int4` are computed in integers. ' +
      'Weights in other formats, tables and other structures are not.',
    tiny(emitC('weights = int8  arithmetic = integer')),
    ['weights = int8  arithmetic', 'weights = int3  arithmetic'],
  ),
  'bad-prefix': page(
    '`prefix` is no C identifier.',
    'All symbols of the emitted code begin with it: letters, digits and `_`, not beginning with a digit.',
    tiny(emitC('prefix = tiny')),
    ['prefix = tiny', 'prefix = "2nd"'],
  ),
};

/** The weights of the example by the paths of the program. */
const given = {
  'embed.table': [50, 16],
  'rnn.W': [4, 24, 40],
  'rnn.bias': [96],
  'next.W': [1, 50, 24],
  'next.bias': [50],
} as const;
type Given = Readonly<Record<string, readonly number[]>>;

function fitted(cause: string, help: string, wrong: Given, text = tiny()): DiagnosticPage {
  return {
    cause,
    help,
    right: { ...fileOf(text), weights: given },
    wrong: { ...fileOf(text), weights: wrong },
  };
}

/** A layer between that has its own place for every unit. */
const joined = stored('rnn: hlf(permute=yes) to 2x').replace(
  'next   = softmax(rnn, 50)',
  'both   = concat(rnn, embed)\n  next   = softmax(both, 50)',
);

const { 'next.bias': _, ...withoutBias } = given;
const [torch, other] = [{ 'a.weight_ih_l0': [96, 16], 'a.weight_hh_l0': [96, 24] }, { 'b.weight_ih_l0': [96, 16] }];
const { 'rnn.W': __, 'rnn.bias': ___, ...withoutRnn } = given;

/** The same weights as PyTorch names them. */
const ofTorch: Given = {
  'embedding.weight': [50, 16],
  'rnn.weight_ih_l0': [96, 16],
  'rnn.weight_hh_l0': [96, 24],
  'rnn.bias_ih_l0': [96],
  'rnn.bias_hh_l0': [96],
  'linear.weight': [50, 24],
  'linear.bias': [50],
};

const gru = (line: string): string => tiny().replace('rnn    = lstm(embed, 24)', `rnn    = ${line}`);
const torchGru: Given = {
  ...withoutRnn,
  'rnn.weight_ih_l0': [72, 16],
  'rnn.weight_hh_l0': [72, 24],
  'rnn.bias_ih_l0': [72],
  'rnn.bias_hh_l0': [72],
};

export const fitPages: PagesOf<typeof fitError> = {
  missing: fitted(
    'The weight file lacks a tensor that the program needs.',
    'The hint says by which names it is looked for, and what the file holds.',
    withoutBias,
  ),
  extra: fitted(
    'The weight file holds a tensor that no layer takes.',
    'Weights that are left out silently would give another network. Remove them from the file, or add the layer.',
    { ...given, 'norm.gain': [24] },
  ),
  shape: {
    cause: 'A tensor of the weight file has another shape than its layer.',
    help: 'The message shows both. The sizes of the program are those of the network that was trained.',
    right: { ...fileOf(tiny()), weights: ofTorch },
    wrong: { ...fileOf(tiny()), weights: { ...ofTorch, 'rnn.weight_ih_l0': [96, 17] } },
  },
  ambiguous: fitted(
    'Several tensors of the weight file may be the one that a layer needs.',
    'Rename them in the file to the paths of the program.',
    { ...withoutRnn, ...torch, ...other },
  ),
  'not-finite': {
    cause: 'A tensor of the weight file holds a value that is no finite number.',
    help: 'The run that wrote it has diverged: train again with `clip=`, or a smaller rate.',
    right: { ...fileOf(tiny()), weights: given },
    wrong: { ...fileOf(tiny()), weights: given, notFinite: 'rnn.W' },
  },
  'reset-before': {
    cause: 'The weight file holds a GRU that resets after the product, the layer resets before it.',
    help: 'PyTorch resets after the product, the papers before it; the two are different networks.',
    right: { ...fileOf(gru('gru(embed, 24, reset_after=yes)')), weights: torchGru },
    wrong: { ...fileOf(gru('gru(embed, 24)')), weights: torchGru },
  },
  refused: {
    cause: 'The method of a rule cannot stand for given weights.',
    help: 'Some structures can be trained but not fitted. Train the layer with the method, or store it by another.',
    right: { ...fileOf(stored('rnn: lmf to 2x')), weights: given },
    wrong: { ...fileOf(stored('rnn: hlf to 2x')), weights: given },
  },
  'cannot-permute': {
    cause: 'The hidden units of a layer cannot be reordered, which `permute=yes` asks for.',
    help: 'Reordering the units must leave the network what it is: every reader must be able to follow.',
    right: { ...fileOf(stored('rnn: hlf(permute=yes) to 2x')), weights: ofTorch },
    wrong: { ...fileOf(joined), weights: { ...ofTorch, 'linear.weight': [50, 40] } },
  },
};
