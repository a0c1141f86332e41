/** The terminal, or what stands for it in tests. The only writer to stdout and stderr. */

export interface Terminal {
  /** A line on stdout. */
  readonly print: (line: string) => void;
  /** Raw text on stdout, without a line end. */
  readonly write: (text: string) => void;
  /** A line on stderr. */
  readonly warn: (line: string) => void;
  /** Whether stderr is a person's terminal: progress is then drawn in place. */
  readonly interactive: boolean;
  /** Replaces the progress line on an interactive stderr. */
  readonly progress: (line: string) => void;
  readonly readInput: () => Promise<string>;
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export const processTerminal: Terminal = {
  print: (line) => void process.stdout.write(`${line}\n`),
  write: (text) => void process.stdout.write(text),
  warn: (line) => void process.stderr.write(`${line}\n`),
  interactive: process.stderr.isTTY === true,
  progress: (line) => void process.stderr.write(`\r\u001b[2K${line}`),
  readInput: readAll,
};
