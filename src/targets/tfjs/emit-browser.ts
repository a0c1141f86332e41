/**
 * The page around an emitted tfjs model: `index.html`, a README, the module `rnnc-model.js` with its types, the
 * program, the weights to go on from, and the parts that it is given: compiled modules of rnnc and the bundles of tfjs.
 * Pure.
 */
import type { Weights } from '../../tensor/tensor.js';
import type { OutputFile } from '../output-file.js';
import { render } from '../render.js';
import { writeSafetensors } from '../safetensors/write.js';
import type { BrowserProgram } from './browser-program.js';
import { readmeView } from './page-readme.js';

/** Files of installed packages, read at a door. */
export interface BrowserParts {
  /** Compiled modules under `rnnc/`, in the folders they have in the package. */
  readonly modules: readonly OutputFile[];
  /** Bundles of tfjs under `vendor/`, as they were published. */
  readonly vendor: readonly OutputFile[];
  /** Version of tfjs. */
  readonly tfjs: string;
  /** Text of the Apache licence, version 2.0. */
  readonly licence: string;
}

/** What the page adds to `train/` and `predict/`. */
export function emitBrowser(program: BrowserProgram, weights: Weights, parts: BrowserParts): readonly OutputFile[] {
  const weightsKind = program.trained ? 'trained' : 'seeded';
  const view = { name: program.name, weightsKind };
  const facts = { format: 'rnnc', model: program.name, trained: String(program.trained) };
  return [
    { path: 'README.md', contents: render('tfjs/README.md', { ...view, ...readmeView(program) }) },
    { path: 'index.html', contents: render('tfjs/index.html', view) },
    { path: 'rnnc-model.js', contents: render('tfjs/rnnc-model.js', view) },
    { path: 'rnnc-model.d.ts', contents: render('tfjs/rnnc-model.d.ts', view) },
    { path: 'program.json', contents: `${JSON.stringify(program)}\n` },
    { path: 'weights.safetensors', contents: writeSafetensors(weights, facts) },
    ...parts.modules,
    { path: 'rnnc/LICENSE', contents: parts.licence },
    ...parts.vendor,
    { path: 'vendor/LICENSE', contents: parts.licence },
    { path: 'vendor/NOTICE', contents: render('tfjs/NOTICE', { version: parts.tfjs }) },
  ];
}
