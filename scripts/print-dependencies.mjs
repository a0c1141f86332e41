// Prints docs/dependencies.md from package.json and package-lock.json: every production dependency with version,
// licence and purpose. `node scripts/print-dependencies.mjs > docs/dependencies.md`; a test fails when they differ.
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));
const manifest = read('package.json');
const lock = read('package-lock.json');

const purposes = {
  chevrotain: 'lexer and parser of the language',
  handlebars: 'templates of the emitted C',
  'onnx-proto': 'encoding of ONNX files',
  'onnxruntime-node': 'the default engine: runs training graphs on the CPU (optional)',
  '@tensorflow/tfjs-core': 'tensors of the tfjs engines',
  '@tensorflow/tfjs-backend-wasm': 'the engine tfjs-wasm',
  '@tensorflow/tfjs-backend-cpu': 'the engine tfjs-cpu',
  'vscode-languageserver': 'the protocol of the language server (lsp)',
  'vscode-languageserver-textdocument': 'open texts of the language server',
  yaml: 'reads recipes of other tools (import-recipe)',
};

const packages = Object.entries(lock.packages)
  .filter(([path, entry]) => path !== '' && entry.dev !== true)
  .map(([path, entry]) => ({ name: path.replace(/^.*node_modules\//, ''), ...entry }));
const direct = { ...manifest.dependencies, ...manifest.optionalDependencies };

const lines = [
  '# Production dependencies',
  '',
  'Made by `node scripts/print-dependencies.mjs`. No dependency needs an install script (`.npmrc` says',
  '`ignore-scripts=true`; the one of `onnxruntime-node` only fetches CUDA files, that of `protobufjs` only warns).',
  '',
  '| package | version | licence | purpose |',
  '|---|---|---|---|',
];
for (const name of Object.keys(direct).sort()) {
  const found = packages.find((p) => p.name === name);
  if (purposes[name] === undefined) throw new Error(`no purpose stated for ${name}`);
  lines.push(`| ${name} | ${found.version} | ${found.license} | ${purposes[name]} |`);
}
lines.push('', 'What they bring with them:', '', '| package | version | licence |', '|---|---|---|');
for (const p of packages.filter((p) => direct[p.name] === undefined)) {
  lines.push(`| ${p.name} | ${p.version} | ${p.license} |`);
}
process.stdout.write(`${lines.join('\n')}\n`);
