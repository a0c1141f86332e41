/** Writes emit blocks to the folders of a build; nothing is written when a budget is exceeded. */
import { join } from 'node:path';
import type { Emit } from '../model/model.js';
import { bytes } from '../support/units.js';
import { browserParts } from './browser-parts.js';
import { exceededBudgets } from './budget.js';
import type { LoadedWeights } from './build-folder.js';
import type { Invocation } from './command.js';
import { emitModel } from './emit-model.js';
import { shortPath, writeFolder } from './files.js';
import { type Opened, printDiagnostics } from './program.js';

export interface EmittedFolder {
  readonly target: string;
  /** As a person would type it. */
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  readonly trained: boolean;
}

/** Undefined when a budget is exceeded: that has been printed. */
export function emitTargets(
  invocation: Invocation,
  { model, buildFolder }: Opened,
  emits: readonly Emit[],
  loaded: LoadedWeights,
): readonly EmittedFolder[] | undefined {
  const exceeded = exceededBudgets(model, emits, loaded.weights);
  printDiagnostics(invocation, exceeded);
  if (exceeded.length > 0) return undefined;
  return emits.map((emit) => {
    const files = emitModel(model, emit, loaded, emit.target === 'tfjs' ? browserParts() : undefined);
    const folder = join(buildFolder, emit.target);
    writeFolder(folder, files);
    if (model.training?.distort !== undefined && (emit.target === 'onnx' || emit.target === 'tfjs'))
      invocation.terminal.warn(
        `${emit.target}: predict/ only, no train/: \`distort\` projects weights between steps, which no graph does`,
      );
    return {
      target: emit.target,
      folder: shortPath(invocation.folder, folder),
      files: files.length,
      bytes: files.reduce((n, f) => n + f.contents.length, 0),
      trained: loaded.trained,
    };
  });
}

export const emittedLine = ({ folder, files, bytes: size, trained }: EmittedFolder): string =>
  `${folder}: ${files} files, ${bytes(size)}${trained ? '' : ', untrained'}`;
