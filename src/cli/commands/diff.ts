/** `rnnc diff`: what changes between two programs. */
import { difference } from '../../report/difference.js';
import { differenceText } from '../../report/difference-text.js';
import { type Command, sharedOptions, UsageError } from '../command.js';
import { openProgram } from '../program.js';
import { reported } from '../terminal.js';

export const diffCommand: Command = {
  name: 'diff',
  summary: 'what changes between two programs',
  operands: 'before.cmp after.cmp',
  most: 2,
  options: {
    'exit-code': { type: 'boolean', doc: 'exit code 1 when the programs differ, as `git diff --exit-code`' },
    out: sharedOptions.out,
    format: sharedOptions.format,
  },
  details: [
    'Compares what two programs mean, not their text: layers, rules, what each weight is stored as, parameters,',
    'bytes, multiply-adds and rank bounds, and every setting in force, defaults included. Comments, layout and a',
    'solved number written out make no difference.',
  ].join('\n'),
  examples: ['rnnc diff base.cmp compressed.cmp', 'rnnc diff base.cmp compressed.cmp --format json'],
  run: async (invocation) => {
    if (invocation.operands.length !== 2) throw new UsageError('rnnc diff takes two programs', 'rnnc diff a.cmp b.cmp');
    const [before, after] = invocation.operands.map((path) => openProgram({ ...invocation, operands: [path] }));
    if (before === undefined || after === undefined) return 1;
    const changes = difference(before.model, after.model);
    if (invocation.text('format') === 'json') {
      for (const change of changes) invocation.terminal.print(JSON.stringify(change));
    } else invocation.terminal.write(reported(invocation.terminal, differenceText(changes)));
    return invocation.flag('exit-code') && changes.length > 0 ? 1 : 0;
  },
};
