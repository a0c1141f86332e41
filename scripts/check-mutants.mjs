// Puts faults into the emitted C of every cell and method and shows that the self-test sees each of them:
//   npm run check:mutants [-- WORD [MOST]]     only programs whose name holds WORD; MOST faults of each
// Natively in portable C and, where the tools are, as NEON under qemu-aarch64. Exit code 1 when one fault passes.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { untrainedWeights } from '../dist/cli/build-folder.js';
import { emitBlockOf, emitModel } from '../dist/cli/emit-model.js';
import { compile } from '../dist/compile.js';
import { checkMutants } from '../dist/verify/check-mutants.js';
import { missingTools, toolchainsOf } from '../dist/verify/toolchain.js';

const cell = (layer, rules = '', emit = '', cpu = 'cortex-a73') => `language 1
model m {
  x    = features(9)
  rnn  = ${layer}
  next = softmax(rnn, 11)
}
${rules === '' ? '' : `compress { ${rules} }\n`}emit c { ${emit} }
emit neon { cpu = ${cpu}  ${emit} }
`;
/**
 * With an output in panels of 16 and 8 rows and groups of 8 columns. Nobody goes on from the last group of a panel or
 * the last panel, and where a panel of 8 rows is met twice in a row, as by both factors of a Kronecker product, two
 * wrong signs are a right one.
 */
const inGroups = (layer, rules, emit) =>
  cell(layer, `${rules}  next: int8(per=group(8))`, emit).replace('softmax(rnn, 11)', 'softmax(rnn, 24)');
const words = (rules) => `language 1
model m {
  words = ids(vocab=23)
  embed = embedding(words, 12)
  rnn   = gru(embed, 13)
  next  = softmax(rnn, 23)
}
compress { ${rules} }
emit c {}
emit neon { cpu = cortex-a53 }
`;

const programs = {
  'lstm dense': cell('lstm(x, 19)'),
  'lstm exact': cell('lstm(x, 13)', '', 'activation = exact'),
  'lstm fast': cell('lstm(x, 13)', '', 'activation = fast'),
  // A gate of 32 rows or more goes through the products of many steps.
  'gru dense': cell('gru(x, 35)'),
  'gru reset after': cell('gru(x, 19, reset_after=yes)'),
  'rnn dense': cell('rnn(x, 35)'),
  'rnn relu': cell('rnn(x, 19, activation=relu)'),
  'gru in both directions': cell('gru(x, 11, bidirectional=yes)', '', 'max_steps = 9'),
  'lstm to the last step': cell('lstm(x, 11)').replace('next = softmax(rnn', 'end  = last(rnn)\n  next = softmax(end'),
  'lstm prune': cell('lstm(x, 19)', 'rnn: prune(sparsity=70%)'),
  'lstm prune in blocks': cell('lstm(x, 23)', 'rnn: prune(sparsity=70%, block=4x2)'),
  'lstm prune of input and state': cell(
    'lstm(x, 19)',
    'rnn.input: prune(sparsity=50%)  rnn.recurrent: prune(sparsity=50%)',
  ),
  'lstm prune of input and state in blocks': cell(
    'lstm(x, 23)',
    'rnn.input: prune(sparsity=40%, block=4x1)  rnn.recurrent: prune(sparsity=40%, block=4x1)',
  ),
  'lstm lmf': cell('lstm(x, 19)', 'rnn: lmf(r=3)'),
  'lstm hlf': cell('lstm(x, 19)', 'rnn: hlf(j=5, k=2)'),
  'lstm kp': cell('lstm(x, 15)', 'rnn: kp(B=3x4, C=5x6)'),
  'lstm kp where loads come first': cell('lstm(x, 15)', 'rnn: kp(B=3x4, C=5x6)', '', 'cortex-a53'),
  'lstm kp of three': cell('lstm(x, 15)', 'rnn: kp(3x2, 1x3, 5x4)'),
  'lstm dkp': cell('lstm(x, 15)', 'rnn: dkp(B=5x6, C=3x4, sparsity=80%)'),
  'lstm hkp': cell('lstm(x, 15)', 'rnn: hkp(rows=3, B=3x4, C=4x6)'),
  'lstm circulant': cell('lstm(x, 33)', 'rnn: circulant(block=16)'),
  'lstm tt': cell('lstm(x, 15)', 'rnn: tt(shapes=[3x4, 5x6], ranks=2)'),
  'lstm float16': cell('lstm(x, 19)', 'rnn: dense then float16'),
  'lstm int8': cell('lstm(x, 19)', 'rnn: dense then int8(per=row)'),
  'lstm int4': cell('lstm(x, 19)', 'rnn: dense then int4(per=group(8))'),
  'lstm int8 in integers': inGroups(
    'lstm(x, 19)',
    'rnn: dense then int8(per=row)',
    'weights = int8  arithmetic = integer',
  ),
  // Of the input alone, whose product is of many steps, runs of a group and of less.
  'lstm int8 in integers of input and state': cell(
    'lstm(x, 19)',
    'rnn.input: dense then int8(per=group(5))  rnn.recurrent: dense then int8(per=row)  next: int8(per=group(5))',
    'weights = int8  arithmetic = integer',
  ),
  'lstm int4 in integers': cell('lstm(x, 19)', 'rnn: int4(per=group(8))', 'weights = int4  arithmetic = integer'),
  'lstm int8, vectors calibrated': inGroups(
    'lstm(x, 19)',
    '',
    'weights = int8  arithmetic = integer  vectors = calibrated',
  ),
  'lstm dkp in integers': inGroups(
    'lstm(x, 15)',
    'rnn: dkp(B=5x6, C=3x4, sparsity=80%) then int8',
    'weights = int8  arithmetic = integer',
  ),
  'lstm prune in blocks of integers': inGroups(
    'lstm(x, 23)',
    'rnn: prune(sparsity=70%, block=4x2) then int4(per=tensor)',
    'weights = int8  arithmetic = integer',
  ),
  'lstm tt in integers': inGroups(
    'lstm(x, 15)',
    'rnn: tt(shapes=[3x4, 5x6], ranks=2) then int8',
    'weights = int8  arithmetic = integer',
  ),
  'table lmf': words('embed: lmf(r=3)'),
  'table prune': words('embed: prune(sparsity=60%)'),
  'table hlf int8': words('embed: hlf(j=5, k=2) then int8(per=row)'),
};

/** Not zero, else nothing would miss them; some so large that tanh and sigmoid are cut off. */
const biasOf = (i) => (i % 11 === 10 ? 24 : 1) * Math.sin(1 + i);

/** Seeded weights with biases of their own. */
function drawnWeights(model) {
  const loaded = untrainedWeights(model);
  const weights = new Map(loaded.weights);
  for (const [name, { shape, data }] of weights)
    if (name.endsWith('.bias')) weights.set(name, { shape, data: data.map((_, i) => biasOf(i)) });
  return { ...loaded, weights };
}

const only = process.argv[2] ?? '';
const most = process.argv[3] === undefined ? undefined : Number(process.argv[3]);
const root = mkdtempSync(join(tmpdir(), 'rnnc-mutants-'));
let [tried, survived] = [0, 0];
try {
  for (const [name, text] of Object.entries(programs).filter(([name]) => name.includes(only))) {
    const found = [];
    const { model } = compile('m.cmp', () => text, (diagnostic) => found.push(diagnostic.message)) ?? {};
    if (model === undefined) throw new Error(`${name} is no right program: ${found.join('; ')}`);
    for (const [tier, target] of [['c', 'native'], ['neon', 'aarch64']]) {
      const [toolchain] = toolchainsOf(target);
      const missing = missingTools(toolchain);
      if (missing.length > 0) {
        console.log(`${name}, ${tier}: skipped, ${missing.join(' and ')} not installed`);
        continue;
      }
      const folder = join(root, `${name} ${tier}`);
      for (const { path, contents } of emitModel(model, emitBlockOf(model, tier), drawnWeights(model))) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), contents);
      }
      const report = await checkMutants(folder, toolchain, { most });
      tried += report.tried;
      survived += report.survivors.length;
      console.log(`${name}, ${tier}: ${report.tried} faults, ${report.survivors.length} not seen`);
      for (const { line, fault, before, after } of report.survivors)
        console.log(`  line ${line} ${fault}: ${before}  ->  ${after}`);
    }
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
console.log(`${tried} faults in all, ${survived} not seen`);
process.exitCode = survived > 0 || tried === 0 ? 1 : 0;
