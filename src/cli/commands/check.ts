/** `rnnc check`: is the program right? */

import { sarifLog } from '../../report/sarif.js';
import { counted } from '../../support/units.js';
import { exceededBudgets } from '../budget.js';
import { type Command, sharedOptions } from '../command.js';
import { printDiagnostics, readProgram } from '../program.js';
import { version } from '../version.js';

export const checkCommand: Command = {
  name: 'check',
  summary: 'parse a program, solve and check every number',
  operands: '[model.cmp]',
  most: 1,
  options: {
    out: sharedOptions.out,
    format: {
      type: 'string',
      value: 'FORMAT',
      doc: 'of diagnostics: text (default), json (a line each) or sarif (one SARIF 2.1.0 log)',
      words: ['text', 'json', 'sarif'],
    },
    quiet: sharedOptions.quiet,
  },
  details: [
    'Prints every fault with its place, its cause and a fix. Exit code 0 when the program is right, 1 when not.',
    '--format sarif is what code hosts show beside the lines of a change.',
  ].join('\n'),
  examples: ['rnnc check model.cmp', 'rnnc check model.cmp --format sarif > rnnc.sarif'],
  run: async (invocation) => {
    const { found, opened } = readProgram(invocation);
    const exceeded = opened === undefined ? [] : exceededBudgets(opened.model, opened.model.emits);
    const all = [...found, ...exceeded];
    const sound = opened !== undefined && exceeded.length === 0;
    const format = invocation.text('format') ?? 'text';
    if (format === 'sarif') invocation.terminal.print(JSON.stringify(sarifLog(all, version), undefined, 2));
    else printDiagnostics(invocation, all);
    if (sound && format === 'text' && !invocation.flag('quiet')) {
      const { name, layers, rules } = opened.model;
      const sizes = `${counted(layers.length, 'layer')}, ${counted(rules.length, 'rule')}`;
      invocation.terminal.print(`${name}: ${sizes}, no errors`);
    }
    return sound ? 0 : 1;
  },
};
