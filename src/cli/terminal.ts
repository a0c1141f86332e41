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
  /** Columns of a line on stdout, where a person reads it or COLUMNS says so; undefined: as long as it gets. */
  readonly columns?: number | undefined;
  readonly readInput: () => Promise<string>;
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Fewer columns than this are taken for a mistake. */
const fewest = 40;

/** COLUMNS wins over the terminal, so that a script can ask for a width. */
function columnsOf(): number | undefined {
  const asked = Number(process.env['COLUMNS']);
  const columns = Number.isInteger(asked) && asked > 0 ? asked : process.stdout.columns;
  return columns === undefined ? undefined : Math.max(fewest, columns);
}

export const processTerminal: Terminal = {
  print: (line) => void process.stdout.write(`${line}\n`),
  write: (text) => void process.stdout.write(text),
  warn: (line) => void process.stderr.write(`${line}\n`),
  interactive: process.stderr.isTTY === true,
  // A line that is wider than the terminal would be wrapped, and only its last part drawn over.
  progress: (line) => void process.stderr.write(`\r\u001b[2K${line.slice(0, (process.stderr.columns ?? 1000) - 1)}`),
  columns: columnsOf(),
  readInput: readAll,
};
