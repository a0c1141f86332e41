/** `rnnc init`: a program to start from. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../support/fault.js';
import { suggestion } from '../../support/suggest.js';
import { type Command, UsageError } from '../command.js';
import { exists, namesIn, shortPath, writeWhole } from '../files.js';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));

export const initCommand: Command = {
  name: 'init',
  summary: 'write a program to start from',
  operands: '[model.cmp]',
  most: 1,
  options: {
    from: {
      type: 'string',
      value: 'EXAMPLE',
      doc: 'quickstart (default), ptb-small-dkp, ptb-medium-dkp, ptb-medium-hlf',
    },
  },
  details:
    'Copies an example that ships with rnnc to model.cmp, or to the name given. An existing file is never overwritten.',
  examples: ['rnnc init', 'rnnc init lm.cmp --from ptb-small-dkp'],
  run: async (invocation) => {
    const names = namesIn(examples)
      .filter((name) => name.endsWith('.cmp'))
      .map((name) => name.slice(0, -'.cmp'.length));
    const from = invocation.text('from') ?? 'quickstart';
    if (!names.includes(from)) throw new UsageError(`there is no example ${from}`, `${suggestion(from, names)}`);
    const path = resolve(invocation.folder, invocation.operands[0] ?? 'model.cmp');
    const short = shortPath(invocation.folder, path);
    if (!path.endsWith('.cmp')) throw new UsageError(`${short} does not end in .cmp`, `write ${short}.cmp`);
    if (exists(path)) throw new Fault('file/exists', `${short} is there already`, 'name another file');
    writeWhole(path, readFileSync(`${examples}${from}.cmp`));
    invocation.terminal.print(`wrote ${short}; next: rnnc build ${short}`);
    return 0;
  },
};
