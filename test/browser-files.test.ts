/** The files of an emitted page: none needs Node, all that they name are there, and the types hold. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';
import { afterAll, expect, it } from 'vitest';
import { browserParts } from '../src/cli/browser-parts.js';
import { untrainedWeights } from '../src/cli/build-folder.js';
import { emitBlockOf, emitModel } from '../src/cli/emit-model.js';
import { compile } from '../src/compile.js';

const quickstart = readFileSync(join(import.meta.dirname, '../examples/quickstart.cmp'), 'utf8');
const { model } = compile(
  'quickstart.cmp',
  () => quickstart,
  () => undefined,
)!;
const files = emitModel(model, emitBlockOf(model, 'tfjs'), untrainedWeights(model), browserParts());
const paths = new Set(files.map(({ path }) => path));
const textOf = (path: string): string => files.find((f) => f.path === path)!.contents as string;

const home = mkdtempSync(join(tmpdir(), 'rnnc-browser-files-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('are a page, a module with types, both graphs, weights, and licences', () => {
  for (const path of [
    'README.md',
    'index.html',
    'rnnc-model.js',
    'rnnc-model.d.ts',
    'program.json',
    'weights.safetensors',
  ])
    expect(paths).toContain(path);
  for (const step of ['train', 'evaluate', 'predict']) expect(paths).toContain(`${step}/model.json`);
  expect(textOf('vendor/LICENSE')).toMatch(/Apache License\s+Version 2\.0/);
  expect(textOf('vendor/NOTICE')).toMatch(/TensorFlow\.js \d+\.\d+\.\d+/);
  const bytes = files.filter((f) => f.path.startsWith('vendor/')).reduce((n, f) => n + f.contents.length, 0);
  expect(bytes).toBeLessThan(1_400_000);
});

it('give the notice of seedrandom as the installed package does, and the versions that are installed', () => {
  const require = createRequire(import.meta.url);
  const plain = (text: string): string => text.replace(/[\s/*]+/g, ' ');
  const notice = plain(textOf('vendor/NOTICE'));
  const source = readFileSync(join(dirname(require.resolve('seedrandom/package.json')), 'seedrandom.js'), 'utf8');
  const [, own, terms] = /(Copyright \d+ David Bau\.)([\s\S]*?)\*\//.exec(source)!;
  expect(notice).toContain(own);
  expect(notice).toContain(plain(terms!).trim());
  for (const name of ['long', 'seedrandom']) {
    const { version } = require(`${name}/package.json`) as { readonly version: string };
    expect(notice).toMatch(new RegExp(`${name}(\\.js)? ${version.replaceAll('.', '\\.')}`));
  }
});

it('import only each other, and never a package or Node', () => {
  const modules = [...paths].filter((path) => path.endsWith('.js') && !path.startsWith('vendor/'));
  expect(modules.length).toBeGreaterThan(10);
  for (const path of modules) {
    for (const { fileName } of ts.preProcessFile(textOf(path), true, true).importedFiles) {
      expect(fileName, path).toMatch(/^\.\.?\//);
      expect(paths).toContain(posix.join(posix.dirname(path), fileName));
    }
    expect(textOf(path), path).not.toMatch(/\b(process|Buffer|require)\b[.(]/);
  }
});

it('name nothing of the machine that made them', () => {
  const text = quickstart.replace(/data .*=.*/, 'data = text("/secret/place", batch=2, unroll=5)');
  const read = compile(
    'quickstart.cmp',
    () => text,
    () => undefined,
  )!.model;
  const made = emitModel(read, emitBlockOf(read, 'tfjs'), untrainedWeights(read), browserParts());
  const program = made.find(({ path }) => path === 'program.json')!.contents as string;
  expect(program).not.toMatch(/secret|span|quickstart\.cmp/);
  expect(JSON.parse(program).train.training).toMatchObject({
    seed: 1,
    epochs: read.training!.epochs,
    loader: { kind: 'text', unroll: 5 },
  });
});

it('are typed: a strict program compiles against rnnc-model.d.ts, a wrong one does not', () => {
  for (const { path, contents } of files.filter((f) => f.path.endsWith('.d.ts'))) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), contents);
  }
  const head = `import { createPredictor, createTrainer, type Evaluation, type StepResult } from './rnnc-model.js';\n`;
  writeFileSync(
    join(home, 'right.ts'),
    `${head}
    const trainer = await createTrainer({ start: 'weights', text: 'a b' });
    const result: StepResult = await trainer.update();
    export const loss: number = result.loss;
    const evaluation: Evaluation = await trainer.evaluate();
    export const kept: boolean = evaluation.kept;
    export const again = await createPredictor({ weights: await trainer.weights('best') });
    export const saved = await createPredictor({ weights: await trainer.save('best') });
    export const shares: Float32Array = await (await createPredictor({ backend: 'cpu' })).predict([1, 2]);`,
  );
  writeFileSync(join(home, 'wrong.ts'), `${head}export const t = await createTrainer({ start: 'nowhere' });`);
  const [, code] = /```js\n([\s\S]*?)```/.exec(textOf('README.md'))!;
  writeFileSync(join(home, 'readme.ts'), code!);
  const program = ts.createProgram(
    ['right.ts', 'wrong.ts', 'readme.ts'].map((file) => join(home, file)),
    {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
      module: ts.ModuleKind.ES2022,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: [],
    },
  );
  const errors = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    return `${file?.fileName.split('/').at(-1)}: ${text.split('\n')[0]}`;
  });
  expect(errors).toEqual([`wrong.ts: Type '"nowhere"' is not assignable to type '"seed" | "weights" | undefined'.`]);
});
