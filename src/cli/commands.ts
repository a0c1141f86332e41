/** The list of commands, in the order help shows them. */
import type { Command } from './command.js';
import { benchCommand } from './commands/bench.js';
import { buildCommand } from './commands/build.js';
import { checkCommand } from './commands/check.js';
import { diffCommand } from './commands/diff.js';
import { emitCommand } from './commands/emit.js';
import { enginesCommand } from './commands/engines.js';
import { evalCommand } from './commands/eval.js';
import { explainCommand } from './commands/explain.js';
import { fitCommand } from './commands/fit.js';
import { fmtCommand } from './commands/fmt.js';
import { importRecipeCommand } from './commands/import-recipe.js';
import { initCommand } from './commands/init.js';
import { lspCommand } from './commands/lsp.js';
import { metricsCommand } from './commands/metrics.js';
import { predictCommand } from './commands/predict.js';
import { scheduleCommand } from './commands/schedule.js';
import { sweepCommand } from './commands/sweep.js';
import { trainCommand } from './commands/train.js';
import { verifyCommand } from './commands/verify.js';

export const commands: readonly Command[] = [
  initCommand,
  checkCommand,
  explainCommand,
  diffCommand,
  scheduleCommand,
  buildCommand,
  trainCommand,
  sweepCommand,
  evalCommand,
  metricsCommand,
  enginesCommand,
  fitCommand,
  emitCommand,
  verifyCommand,
  benchCommand,
  predictCommand,
  fmtCommand,
  importRecipeCommand,
  lspCommand,
];
