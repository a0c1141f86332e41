/** `rnnc check`: is the program right? */

import { resolve } from 'node:path';
import { applyFixes } from '../../diagnostics/apply-fixes.js';
import { positionAt } from '../../diagnostics/source.js';
import { sarifLog } from '../../report/sarif.js';
import { counted } from '../../support/units.js';
import { exceededBudgets, modelledTimes } from '../budget.js';
import { type Command, type Invocation, sharedOptions } from '../command.js';
import { writeWhole } from '../files.js';
import { printDiagnostics, readProgram } from '../program.js';
import { version } from '../version.js';

/** Rounds of fixes: one may bring another fault to light. */
const mostRounds = 20;

/** Applies fixes until none is left, and says each. */
function fixProgram(invocation: Invocation): void {
  for (let round = 0; round < mostRounds; round++) {
    const fixed = applyFixes(readProgram(invocation).found);
    if (fixed.length === 0) return;
    for (const { source, text, fixes } of fixed) {
      writeWhole(resolve(invocation.folder, source.path), text);
      for (const { title, span } of fixes) {
        const { line, column } = positionAt(span.source, span.start);
        if (!invocation.flag('quiet')) invocation.terminal.warn(`${source.path}:${line}:${column}: ${title}`);
      }
    }
  }
}

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
    fix: { type: 'boolean', doc: 'write the fixes that are certain into the program, then check it' },
    quiet: sharedOptions.quiet,
  },
  details: [
    'Prints every fault with its place, its cause and a fix. Exit code 0 when the program is right, 1 when not.',
    '--format sarif is what code hosts show beside the lines of a change.',
  ].join('\n'),
  examples: ['rnnc check model.cmp', 'rnnc check model.cmp --fix', 'rnnc check model.cmp --format sarif > rnnc.sarif'],
  run: async (invocation) => {
    if (invocation.flag('fix')) fixProgram(invocation);
    const { found, opened } = readProgram(invocation);
    const exceeded = opened === undefined ? [] : exceededBudgets(opened.model, opened.model.emits);
    const all = [...found, ...exceeded];
    const sound = opened !== undefined && exceeded.length === 0;
    const format = invocation.text('format') ?? 'text';
    if (format === 'sarif') invocation.terminal.print(JSON.stringify(sarifLog(all, version), undefined, 2));
    else printDiagnostics(invocation, all);
    if (sound && format === 'text' && !invocation.flag('quiet')) {
      const { name, layers, rules, emits } = opened.model;
      const sizes = `${counted(layers.length, 'layer')}, ${counted(rules.length, 'rule')}`;
      invocation.terminal.print(`${name}: ${sizes}, no errors`);
      for (const line of modelledTimes(opened.model, emits)) invocation.terminal.print(line);
    }
    return sound ? 0 : 1;
  },
};
