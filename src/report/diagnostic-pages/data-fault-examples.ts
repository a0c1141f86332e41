/** Examples of the faults of files, programs, recipes, lock files and data. */
import type { FaultCode } from '../../support/fault-codes.js';
import { data, type FaultExample, run, script, write } from './fault-example.js';

export const dataFaultExamples = {
  'file/missing': run('there is no other.cmp', 'name a .cmp file', 'npx rnnc check model.cmp'),
  'file/unreadable': run(
    'cannot read model.cmp: permission denied',
    '',
    'chmod u+r model.cmp',
    'npx rnnc check model.cmp',
  ),
  'file/not-text': run(
    'model.cmp is not UTF-8 text',
    '',
    'iconv -f latin1 -t utf-8 model.cmp > utf8.cmp',
    'npx rnnc check utf8.cmp',
  ),
  'file/unwritable': run(
    'cannot make the folder build/tiny: a part of the path is not a folder',
    'choose another with --out',
    'npx rnnc build model.cmp --out /tmp/builds',
  ),
  'file/exists': run('model.cmp is there already', 'name another file', 'npx rnnc init second.cmp'),
  'program/no-train-block': write(
    'model.cmp has no `train` block',
    'add one with `data = ...`',
    'train {',
    '  data   = text("ptb", batch=20, unroll=35)',
    '  epochs = 13',
    '}',
  ),
  'program/no-sweep-block': write(
    'model.cmp has no `sweep` block',
    'add one such as `sweep { method = [lmf, hlf(k=1), prune]  seed = [1, 2, 3] }`',
    'sweep {',
    '  method = [lmf, hlf(k=1), prune]',
    '  to     = [2x, 5x]',
    '}',
  ),
  'program/no-baseline': write(
    'the baseline prunes nothing, and `lr` follows the sparsity',
    'write its moments in epochs or steps, or leave --baseline out',
    'lr = decay(1.0, by=1/2, every=1 epoch, after=6 epochs)',
  ),
  'recipe/not-yaml': run(
    'recipe.md is not YAML: Nested mappings are not allowed in compact mappings at line 1, column 9:',
    '',
    'npx rnnc import-recipe recipe.yaml model.cmp',
  ),
  'recipe/unknown': run(
    'config.yaml holds neither Distiller policies nor SparseML modifiers',
    'recipes of other tools cannot be imported',
    'npx rnnc import-recipe schedules/agp.yaml model.cmp',
  ),
  'recipe/value': run(
    'the recipe asks for what no program has: percent 150% is outside 0% to 100%',
    'correct the recipe',
    'npx rnnc import-recipe recipe.yaml model.cmp',
  ),
  'lock/missing': run(
    '--locked: there is no model.lock.json',
    'build once without --locked, which writes it',
    'npx rnnc build model.cmp',
    'git add model.lock.json',
    'npx rnnc build model.cmp --locked',
  ),
  'lock/damaged': run(
    'model.lock.json is not JSON',
    'build without --locked to write it anew',
    'git checkout model.lock.json',
    'npx rnnc build model.cmp --locked',
  ),
  'lock/differs': run(
    '--locked: seed is 2, locked is 1',
    'build without --locked to write model.lock.json anew',
    'git diff model.cmp',
    'npx rnnc build model.cmp',
  ),
  'data/no-folder': run(
    'cannot read the data folder ptb: it does not exist',
    'give the folder that holds the splits with `--data DIR`',
    'npx rnnc train model.cmp --data ~/data/ptb',
  ),
  'data/not-a-folder': run(
    'data folder ptb/train.txt is a file, not a folder',
    'give the folder that holds the splits with `--data DIR`',
    'npx rnnc train model.cmp --data ptb',
  ),
  'data/unreadable': run(
    'cannot read ptb/train.txt: permission denied',
    '',
    'chmod u+r ptb/train.txt',
    'npx rnnc train model.cmp',
  ),
  'data/no-split': run(
    'ptb has no train split: found valid.txt',
    'give a file with the word `train` in its name, such as train.txt',
    'mv ptb/all.txt ptb/train.txt',
  ),
  'data/ambiguous-split': run(
    'ptb has 2 files for train: train.old.txt, train.txt',
    'leave one file with `train` in its name',
    'mv ptb/train.old.txt elsewhere/',
  ),
  'data/empty-file': run(
    'ptb/test.txt is empty',
    'give a file with at least one line of text',
    'rm ptb/test.txt',
    'npx rnnc train model.cmp',
  ),
  'data/binary': run(
    'ptb/train.txt:1 holds a NUL byte: the file is not text',
    'give plain UTF-8 text files',
    'iconv -f utf-16 -t utf-8 ptb/train.txt > utf8 && mv utf8 ptb/train.txt',
  ),
  'data/not-utf8': run(
    'ptb/train.txt:12 holds bytes that are not UTF-8',
    'convert the file to UTF-8, for example with `iconv -t utf-8`',
    'iconv -f latin1 -t utf-8 ptb/train.txt > utf8 && mv utf8 ptb/train.txt',
  ),
  'data/no-text': script(
    'this model is trained on text, and none was given',
    'give `text` to createTrainer',
    "const text = await (await fetch('train.txt')).text();",
    'const trainer = await createTrainer({ text });',
  ),
  'data/too-short': write(
    'ptb/valid.txt has 412 tokens, one batch=20 x unroll=35 needs 700',
    'use a smaller batch or unroll, or more text',
    'data = text("ptb", batch=10, unroll=35)',
  ),
  'data/too-long': write(
    'atis/train.txt:310 ends a sequence of 64 words, max_steps is 50',
    'raise it: `max_steps=64` of the loader, or cut the sequence',
    'data = tagged("atis", batch=16, max_steps=64)',
  ),
  'data/vocabulary-too-small': write(
    'unit=byte has 256 symbols, the model has vocab=128',
    'use vocab=256',
    'tokens = ids(vocab=256)',
  ),
  'data/odd-vocabulary': run(
    'the given vocabulary of 9,999 words has no <unk>',
    '',
    'npx rnnc train model.cmp --restart',
  ),
  'data/columns': data(
    'atis/train.txt:4 has 3 columns, expected 2: a token and its label',
    'keep two of them, for example with `awk \'{print NF ? $1 FS $NF : ""}\'`',
    'flights O',
    'to O',
    'boston B-toloc',
  ),
  'data/lines': data(
    'atis/train/seq.out has more lines than atis/train/seq.in, which has 4,478',
    '',
    'seq.in:  flights to boston',
    'seq.out: O O B-toloc',
  ),
  'data/empty-sequence': run(
    'atis/train/seq.in:7 has no word',
    'remove the line',
    'sed -i 7d atis/train/seq.in atis/train/seq.out',
  ),
  'data/no-label': data(
    'sst/train.txt:3 has no label',
    'write a label, a tab and the text',
    'positive\ta warm and funny film',
  ),
  'data/no-relation': data(
    'semeval/train.txt:1 is no sentence of the task: found "The author"',
    'write a number, a tab and the sentence in quotes with <e1>...</e1> and <e2>...</e2> once each',
    '1\t"The <e1>author</e1> of a <e2>novel</e2> spoke."',
    'Product-Producer(e2,e1)',
  ),
  'data/label-count': write(
    'sst has 5 labels, the softmax of the model 2 classes',
    'write `softmax(..., 5)`',
    'class = softmax(last, 5)',
  ),
  'data/changed': run(
    'ptb/train.txt changed under the run: it is gone',
    'put the old file back, or start anew with `--restart`; with the same contents the same command goes on',
    'npx rnnc train model.cmp --restart',
  ),
  'data/examples': script(
    'a page cannot train on `tagged` examples',
    'train with `rnnc train`',
    '// after `npx rnnc train` and `npx rnnc emit --target tfjs`',
    'const predictor = await createPredictor();',
  ),
  'data/generated-size': write(
    'generated(order=4, vocab=10,000, tokens=200,000) cannot be made',
    'use order >= 1, vocab >= 2, tokens >= 1 and vocab^2 * 2^(order-1) <= 20,000,000',
    'data = generated(order=2, vocab=50, tokens=200_000)',
  ),
} satisfies Partial<Record<FaultCode, FaultExample>>;
