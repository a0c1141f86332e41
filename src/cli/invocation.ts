/** argv -> invocation: options of one command, each mistake with a suggestion. */
import { parseArgs } from 'node:util';
import { suggestion } from '../support/suggest.js';
import { type Command, type Invocation, UsageError } from './command.js';
import type { Terminal } from './terminal.js';

/** `--help` was asked for. */
export type ParsedInvocation = { readonly kind: 'help' } | { readonly kind: 'run'; readonly invocation: Invocation };

function refuseUnknown(command: Command, args: readonly string[]): void {
  const known = [...Object.keys(command.options), 'help'];
  for (const arg of args) {
    if (arg === '--') return;
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name !== undefined && !known.includes(name)) {
      const near = `${suggestion(name, known)}`.replaceAll('`', '').replace('did you mean ', 'did you mean --');
      throw new UsageError(`rnnc ${command.name} has no option --${name}`, near);
    }
    if (/^-[^-]/.test(arg) && arg !== '-h') throw new UsageError(`rnnc ${command.name} has no option ${arg}`);
  }
}

/** A value that begins with a minus sign, such as that of `--temperature -1`, belongs to the option before it. */
function joinNegative(command: Command, args: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const option = /^--([^=]+)$/.exec(joined.at(-1) ?? '')?.[1];
    const takes = option !== undefined && command.options[option]?.type === 'string';
    if (takes && /^-[\d.]/.test(arg)) joined[joined.length - 1] += `=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/** An option that takes a value, and stands last or before another option. */
function refuseValueless(command: Command, args: readonly string[]): void {
  for (const [i, arg] of args.entries()) {
    if (arg === '--') return;
    const name = /^--([^=]+)$/.exec(arg)?.[1];
    const option = name === undefined ? undefined : command.options[name];
    const [next] = args.slice(i + 1);
    if (option?.type !== 'string' || (next !== undefined && !next.startsWith('-'))) continue;
    throw new UsageError(`--${name} needs a value`, `write --${name} ${option.value ?? 'VALUE'}`);
  }
}

function parse(command: Command, given: readonly string[]) {
  const args = joinNegative(command, given);
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const [name, option] of Object.entries(command.options)) options[name] = { type: option.type };
  refuseUnknown(command, args);
  refuseValueless(command, args);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const line = (error as Error).message.split('\n')[0]!.replace(/\. .*$/, '');
    throw new UsageError(line, `rnnc ${command.name} --help`);
  }
}

export function readInvocation(
  command: Command,
  args: readonly string[],
  terminal: Terminal,
  folder: string,
): ParsedInvocation {
  const { values, positionals } = parse(command, args);
  if (values['help'] === true) return { kind: 'help' };
  if (positionals.length > command.most) {
    throw new UsageError(`rnnc ${command.name} takes at most ${command.most} operand, found ${positionals.length}`);
  }
  for (const [name, option] of Object.entries(command.options)) {
    const value = values[name];
    if (option.words !== undefined && typeof value === 'string' && !option.words.includes(value)) {
      throw new UsageError(`--${name} ${value} is not known`, `${suggestion(value, option.words)}`);
    }
  }
  const text = (option: string): string | undefined => {
    const value = values[option];
    return typeof value === 'string' ? value : undefined;
  };
  const integer = (option: string): number | undefined => {
    const value = text(option);
    if (value === undefined) return undefined;
    if (!/^[1-9][0-9]{0,8}$/.test(value)) throw new UsageError(`--${option} ${value} is not a positive integer`);
    return Number(value);
  };
  const flag = (option: string): boolean => values[option] === true;
  return { kind: 'run', invocation: { terminal, folder, operands: positionals, text, flag, integer } };
}
