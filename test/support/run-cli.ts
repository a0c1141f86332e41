/** Runs the command line in this process, with what it prints caught. */
import { main } from '../../src/cli/main.js';
import type { Terminal } from '../../src/cli/terminal.js';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function runCli(folder: string, args: readonly string[], input = ''): Promise<CliResult> {
  let out = '';
  let err = '';
  const terminal: Terminal = {
    print: (line) => {
      out += `${line}\n`;
    },
    write: (text) => {
      out += text;
    },
    warn: (line) => {
      err += `${line}\n`;
    },
    interactive: false,
    progress: () => undefined,
    readInput: async () => input,
  };
  const code = await main(args, terminal, folder);
  return { code, out, err };
}
