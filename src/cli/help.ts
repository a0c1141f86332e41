/** Help texts, made from the commands themselves. */
import type { Command, OptionSpec } from './command.js';

const optionTitle = (name: string, option: OptionSpec): string =>
  option.value === undefined ? `--${name}` : `--${name} ${option.value}`;

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

/** `rnnc --help`. */
export function overview(commands: readonly Command[]): string {
  return [
    'rnnc: compiles a recurrent language model with compressed weights to trained, verified C',
    '',
    'usage: rnnc COMMAND [options] [model.cmp]',
    '',
    ...columns(commands.map((c) => [c.name, c.summary] as const)),
    '',
    '`rnnc COMMAND --help` tells more. Exit codes: 0 ok, 1 the program is wrong, 2 the command line is wrong,',
    '3 a file, folder or tool is at fault.',
  ].join('\n');
}

/** `rnnc COMMAND --help`. */
export function helpOf(command: Command): string {
  const options = Object.entries(command.options).map(([name, o]) => [optionTitle(name, o), o.doc] as const);
  return [
    `rnnc ${command.name}: ${command.summary}`,
    '',
    `usage: rnnc ${command.name} [options] ${command.operands}`.trimEnd(),
    '',
    command.details,
    '',
    ...(options.length === 0 ? [] : ['options:', ...columns(options), '']),
    command.examples.length === 1 ? 'example:' : 'examples:',
    ...command.examples.map((e) => `  ${e}`),
  ].join('\n');
}
