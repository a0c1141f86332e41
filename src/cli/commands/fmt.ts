/** `rnnc fmt`: the one layout of a program. */
import { resolve } from 'node:path';
import { Diagnostics } from '../../diagnostics/diagnostic.js';
import { Fault } from '../../support/fault.js';
import { listed } from '../../support/listed.js';
import { parse } from '../../syntax/parse.js';
import { printProgram } from '../../syntax/print.js';
import { type Command, sharedOptions, UsageError } from '../command.js';
import { namesIn, readTextIfThere, writeWhole } from '../files.js';
import { printDiagnostics } from '../program.js';

export const fmtCommand: Command = {
  name: 'fmt',
  summary: 'lay a program out in the one standard form',
  operands: '[model.cmp]',
  most: 1,
  options: {
    check: { type: 'boolean', doc: 'change nothing; exit code 1 when the file is not in standard form' },
    stdout: { type: 'boolean', doc: 'print the result instead of writing the file' },
    format: sharedOptions.format,
  },
  details:
    'Rewrites the file in place; comments and blank lines are kept. A program that does not parse is left alone.',
  examples: ['rnnc fmt model.cmp', 'rnnc fmt --check model.cmp'],
  run: async (invocation) => {
    const operand = invocation.operands[0] ?? onlyProgram(invocation.folder);
    const path = resolve(invocation.folder, operand);
    const text = readTextIfThere(path);
    if (text === undefined) throw new Fault('file/missing', `there is no ${operand}`, 'name a .cmp file');
    const diagnostics = new Diagnostics();
    const program = parse({ path: operand, text }, diagnostics.report);
    printDiagnostics(invocation, diagnostics.all);
    if (diagnostics.hasErrors) return 1;
    const formatted = printProgram(program);
    if (invocation.flag('stdout')) invocation.terminal.write(formatted);
    else if (invocation.flag('check')) {
      if (formatted !== text)
        invocation.terminal.warn(`rnnc: ${operand} is not in standard form (run \`rnnc fmt ${operand}\`)`);
      return formatted === text ? 0 : 1;
    } else if (formatted !== text) writeWhole(path, formatted);
    return 0;
  },
};

function onlyProgram(folder: string): string {
  const programs = namesIn(folder).filter((name) => name.endsWith('.cmp'));
  if (programs.length === 1) return programs[0]!;
  if (programs.length === 0) throw new UsageError('there is no .cmp file here', 'name one');
  throw new UsageError(`there are ${programs.length} programs here: ${listed(programs)}`, 'name one of them');
}
