/** Examples of the faults of engines, training, builds, verification and pages. */
import type { FaultCode } from '../../support/fault-codes.js';
import { type FaultExample, run, script, write } from './fault-example.js';

const weights = 'build/tiny/weights.safetensors';
const checkpoint = 'build/tiny/training/checkpoint.rnnc';

const trainingExamples = {
  'engines/missing': run('onnxruntime-node cannot be loaded', '', 'npm install onnxruntime-node', 'npx rnnc engines'),
  'engine/unavailable': run(
    'the engine onnxruntime is not available: onnxruntime-node is not installed',
    '`rnnc engines` lists those that are',
    'npx rnnc engines',
    'npx rnnc train model.cmp --engine tfjs-wasm',
  ),
  'engine/varies': run(
    '--deterministic: onnxruntime on cuda may give other bits in another run: sums are made in any order',
    'leave --deterministic out, or choose another engine',
    'npx rnnc train model.cmp --deterministic --engine onnxruntime',
  ),
  'train/run-folder': run(
    'cannot write the run folder build/tiny/training: the disk is full',
    'free some space and give the same command again',
    'df -h build',
    'npx rnnc train model.cmp',
  ),
  'train/locked': run(
    'another run (process 4711) is working in build/tiny/training',
    'wait until it ends or choose another folder with --out',
    'npx rnnc train model.cmp --out second',
  ),
  'train/bad-checkpoint': run(
    `${checkpoint} cannot be resumed: it was altered: its checksum does not match`,
    'start anew with `--restart`',
    'npx rnnc train model.cmp --restart',
  ),
  'train/other-checkpoint': run(
    `${checkpoint} cannot be resumed: it has no tensor rnn.V`,
    'start anew with `--restart` or choose another folder with --out',
    'npx rnnc train model.cmp --out second',
  ),
  'train/no-weights': run(
    'build/tiny/training/weights.safetensors is gone',
    'start the run anew',
    'npx rnnc train model.cmp --restart',
  ),
  'train/odd-weights': run(
    'cannot start from dense.safetensors: it has no tensor rnn.W',
    'give weights of this very program',
    'npx rnnc fit model.cmp --from dense.safetensors',
  ),
  'train/other-vocabulary': write(
    'cannot start from dense.safetensors: its vocabulary gives id 7 to "the", the data to "a"',
    'train on the text that the weights were trained on',
    'data = text("ptb", batch=20, unroll=35)',
  ),
  'train/cannot-feed': write(
    'the input frames takes features, the data of this program gives ids',
    'train a model whose inputs are `ids`',
    'tokens = ids(vocab=10_000)',
    'embed  = embedding(tokens, 128)',
  ),
  'train/no-metric': write(
    '`metric = f1` cannot be measured on valid: its labels are not O, B-type and I-type',
    'use `metric = accuracy`',
    'metric = accuracy',
  ),
  'train/diverged': write(
    `the loss is NaN at step 1,204 in rnn.W; the last good checkpoint is of step 1,200: ${checkpoint}`,
    'lower `lr` or set `clip=` of the optimizer',
    'optimizer = sgd(clip=5)',
    'lr        = 0.5',
  ),
  'train/not-finite': write('the loss on ptb/valid.txt is NaN', '', 'optimizer = adam(clip=5)', 'lr        = 0.001'),
  'metrics/none': run(
    'there is no build/tiny/training/metrics.jsonl',
    'run `rnnc train` first',
    'npx rnnc train model.cmp',
    'npx rnnc metrics model.cmp',
  ),
} satisfies Partial<Record<FaultCode, FaultExample>>;

const buildExamples = {
  'build/untrained': run(
    'there are no trained weights in build/tiny',
    'run `rnnc train`',
    'npx rnnc train model.cmp',
    'npx rnnc eval model.cmp',
  ),
  'emit/no-calibration': write(
    'tiny has no training data that `vectors = calibrated` could take scales from',
    'run `rnnc train`, or write `vectors = dynamic`',
    'emit neon {',
    '  vectors = dynamic',
    '}',
  ),
  'build/damaged': run('build/tiny/vocab.json is damaged', 'train again', 'npx rnnc train model.cmp --restart'),
  'build/other-program': run(
    `rnn.V in ${weights} is 1x4x40, not 1x8x40`,
    'train again',
    'npx rnnc train model.cmp --restart',
  ),
  'build/not-finite': write(
    `rnn.W in ${weights} holds NaN at index 0`,
    '',
    'optimizer = sgd(clip=5)',
    'lr        = 0.5',
  ),
  'build/not-sparse-enough': run(
    `rnn.W in ${weights} keep 3840 values, the program allows 384`,
    'finish the training: its sparsity schedule has not ended',
    'npx rnnc train model.cmp',
  ),
  'build/not-emitted': run(
    'tiny has no emitted C to verify',
    'run `rnnc emit --target c` or `--target neon`',
    'npx rnnc emit model.cmp --target neon',
    'npx rnnc verify model.cmp',
  ),
  'safetensors/bad-file': run(
    'not a sound safetensors file: it ends in the middle of its header',
    '',
    'sha256sum dense.safetensors',
    'npx rnnc fit model.cmp --from dense.safetensors',
  ),
  'fit/same-file': run(
    `${weights} would be written over`,
    'choose another folder with --out',
    `npx rnnc fit model.cmp --from ${weights} --out fitted`,
  ),
  'format/overflow': write(
    'rnn.W holds 70123.5 at index 12, the largest float16 is 65504',
    'store it as bfloat16 or float32',
    'rnn: lmf(r=8) then bfloat16',
  ),
  'emit/not-finite': run(
    'rnn.W holds NaN at index 0; weights must be finite',
    '',
    'npx rnnc train model.cmp --restart',
  ),
  'emit/needs-length': write(
    'rnn.backward needs the whole sequence, and nothing says how long it may be',
    'write `max_steps = 50` in the `emit` block: `emit c { max_steps = 50 }`',
    'emit c {',
    '  max_steps = 50',
    '}',
  ),
  'emit/word-with-newline': write(
    'a word of the vocabulary holds a line break',
    'use `vocab = none`',
    'emit c {',
    '  vocab = none',
    '}',
  ),
  'emit/not-compiled': run('dist/browser/page.js is not there', 'run `npm run build`', 'npm run build'),
  'onnx/too-large': write(
    'the model holds 3200000000 bytes of weights, an .onnx file at most 2147483647',
    'compress the weights, or emit another target',
    'rnn*: lmf to 10x',
  ),
} satisfies Partial<Record<FaultCode, FaultExample>>;

const verifyExamples = {
  'predict/empty': run(
    'there is nothing to predict from',
    'give --text or --ids',
    'npx rnnc predict model.cmp --text "the cat sat"',
  ),
  'predict/no-text': write(
    'tiny does not turn ids into classes',
    'predict needs an `ids` input and a `softmax` output',
    'tokens = ids(vocab=50)',
    'embed  = embedding(tokens, 16)',
    'rnn    = lstm(embed, 24)',
    'next   = softmax(rnn, 50)',
  ),
  'verify/not-emitted': run(
    'src has no manifest.json',
    'give a folder that `rnnc emit` has written',
    'npx rnnc emit model.cmp --target c',
    'npx rnnc verify model.cmp',
  ),
  'verify/broken-manifest': run(
    'build/tiny/c/manifest.json is not JSON',
    'emit the folder again',
    'npx rnnc emit model.cmp --target c',
  ),
  'verify/other-weights': run(
    'the C in build/tiny/c is of other weights, or of another form of tiny',
    'emit it again',
    'npx rnnc emit model.cmp --target c',
    'npx rnnc verify model.cmp',
  ),
  'verify/no-toolchain': run(
    'cannot run on neon: there is no aarch64-linux-gnu-gcc',
    'run setup-toolchain.sh',
    'sudo apt-get install gcc-aarch64-linux-gnu qemu-user',
    'npx rnnc verify model.cmp',
  ),
  'verify/cannot-compile': run(
    'tiny.c:12:10: fatal error: arm_neon.h: No such file or directory',
    '',
    'npx rnnc emit model.cmp --target c',
    'npx rnnc verify model.cmp --on native',
  ),
  'verify/cannot-run': run('llvm-mca-19 is not installed', 'install llvm-19', 'sudo apt-get install llvm-19'),
  'verify/run-failed': run(
    'the run tool gave no likelihood',
    '',
    'npx rnnc emit model.cmp --target c',
    'npx rnnc eval model.cmp --by native',
  ),
  'verify/no-runner': run(
    'the runner `ssh bord` reached nothing: could not resolve the name',
    'check the machine',
    'npx rnnc verify model.cmp --on aarch64 --runner "ssh board"',
  ),
} satisfies Partial<Record<FaultCode, FaultExample>>;

const pageExamples = {
  'predict/several': script(
    'the model has several inputs or outputs',
    'use `run`',
    'const { intent } = await predictor.run({ tokens: ids, marks });',
  ),
  'predict/wrong-size': script(
    'tokens takes 35 values, given were 20',
    '',
    'const { next } = await predictor.run({ tokens: new Int32Array(35) });',
  ),
  'page/missing': script(
    'http://localhost:8000/predict/model.json cannot be fetched: 404',
    '',
    '// npx serve build/tiny/tfjs',
    "import { createPredictor } from './rnnc-model.js';",
  ),
  'page/no-tfjs': script(
    'tfjs did not load from http://localhost:8000/vendor/',
    '',
    '// the folder as it was emitted, vendor/ and all: npx serve build/tiny/tfjs',
  ),
  'page/no-wasm': script(
    'the wasm backend does not start in this browser',
    "use backend: 'cpu'",
    "const predictor = await createPredictor({ backend: 'cpu' });",
  ),
  'page/no-backend': script('no backend of tfjs starts in this browser', '', '// in a browser with WebAssembly'),
  'page/no-training': write(
    'tiny has no `train` block or no output with labels',
    '',
    'train {',
    '  data   = text("ptb", batch=20, unroll=35)',
    '  epochs = 13',
    '}',
  ),
  'page/no-validation': script(
    'nothing is held out',
    'give `validation` to createTrainer',
    'const trainer = await createTrainer({ text, validation: 0.1 });',
  ),
  'page/bad-validation': script(
    '`validation` is 1.5',
    'give a share between 0 and 1',
    'const trainer = await createTrainer({ text, validation: 0.1 });',
  ),
  'page/bad-weights': script(
    'the weights are of another program: there is no tensor rnn.V',
    'give those of its trainer',
    "const predictor = await createPredictor({ weights: await trainer.weights('best') });",
  ),
  'page/bad-checkpoint': script(
    'the checkpoint cannot be gone on from: it is of another program',
    'start anew',
    'const trainer = await createTrainer({ text });',
  ),
} satisfies Partial<Record<FaultCode, FaultExample>>;

export const runFaultExamples = { ...trainingExamples, ...buildExamples, ...verifyExamples, ...pageExamples };
