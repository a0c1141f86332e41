/** `rnnc check`: is the program right? */

import { counted } from '../../support/units.js';
import { exceededBudgets } from '../budget.js';
import { type Command, sharedOptions } from '../command.js';
import { openProgram, printDiagnostics } from '../program.js';

export const checkCommand: Command = {
  name: 'check',
  summary: 'parse a program, solve and check every number',
  operands: '[model.cmp]',
  most: 1,
  options: { out: sharedOptions.out, format: sharedOptions.format, quiet: sharedOptions.quiet },
  details: 'Prints every fault with its place, its cause and a fix. Exit code 0 when the program is right, 1 when not.',
  examples: ['rnnc check model.cmp', 'rnnc check model.cmp --format json'],
  run: async (invocation) => {
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const exceeded = exceededBudgets(opened.model, opened.model.emits);
    printDiagnostics(invocation, exceeded);
    if (exceeded.length > 0) return 1;
    const { layers, rules } = opened.model;
    if (!invocation.flag('quiet') && invocation.text('format') !== 'json') {
      const sizes = `${counted(layers.length, 'layer')}, ${counted(rules.length, 'rule')}`;
      invocation.terminal.print(`${opened.model.name}: ${sizes}, no errors`);
    }
    return 0;
  },
};
