/** `rnnc import-recipe`: a pruning recipe of Distiller or SparseML as a program. */

import { resolve } from 'node:path';
import { compile } from '../../compile.js';
import { Diagnostics } from '../../diagnostics/diagnostic.js';
import { readRecipe } from '../../recipes/read-recipe.js';
import { toProgram } from '../../recipes/to-program.js';
import { Fault } from '../../support/fault.js';
import { printProgram } from '../../syntax/print.js';
import { type Command, type Invocation, sharedOptions, UsageError } from '../command.js';
import { readTextIfThere, writeWhole } from '../files.js';
import { openProgram, printDiagnostics } from '../program.js';

function recipeText(invocation: Invocation, path: string): string {
  const text = readTextIfThere(resolve(invocation.folder, path));
  if (text === undefined) throw new Fault('file/missing', `there is no ${path}`, 'name a recipe in YAML or Markdown');
  return text;
}

export const importRecipeCommand: Command = {
  name: 'import-recipe',
  summary: 'a pruning recipe of Distiller or SparseML as a program',
  operands: 'recipe.yaml model.cmp',
  most: 2,
  options: {
    write: { type: 'string', value: 'FILE', doc: 'where the program goes (default: the terminal)' },
    out: sharedOptions.out,
    format: sharedOptions.format,
  },
  details: [
    'The recipe prunes the layers of model.cmp: its rules take the place of the `compress` block, its schedules the',
    "place of those in `train`. Parameter names are PyTorch's: `rnn.weight_ih_l0` is the input weight of the first",
    'recurrent layer, `decoder.weight` the output layer. What cannot be carried is listed on stderr, line by line.',
  ].join('\n'),
  examples: ['rnnc import-recipe schedule.yaml model.cmp --write pruned.cmp'],
  run: async (invocation) => {
    const [path, modelPath] = invocation.operands;
    if (path === undefined || modelPath === undefined) {
      throw new UsageError(
        'rnnc import-recipe takes a recipe and a program',
        'rnnc import-recipe recipe.yaml model.cmp',
      );
    }
    const recipe = readRecipe(recipeText(invocation, path), path);
    const opened = openProgram({ ...invocation, operands: [modelPath] });
    if (opened === undefined) return 1;
    const { program, notCarried } = toProgram(recipe, opened.program, opened.model);
    const text = printProgram(program);
    const { terminal } = invocation;
    for (const line of notCarried) terminal.warn(`not carried: ${line}`);
    const file = invocation.text('write');
    if (file === undefined) terminal.write(text);
    else writeWhole(resolve(invocation.folder, file), text);
    const found = new Diagnostics();
    compile(file ?? modelPath, () => text, found.report);
    printDiagnostics(invocation, found.all);
    return found.hasErrors ? 1 : 0;
  },
};
