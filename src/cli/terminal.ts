/** The terminal, or what stands for it in tests. The only writer to stdout and stderr. */
import { paintReport } from '../report/painted.js';
import { inColour, type Paint, plain, wantsColour } from '../support/colour.js';

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
  /** Whether what stands on stdout is painted; not when left out. */
  readonly colours?: boolean;
  /** Whether what stands on stderr is. */
  readonly warnsInColour?: boolean;
  readonly readInput: () => Promise<string>;
}

const paintOf = (colours: boolean | undefined): Paint => (colours === true ? inColour : plain);

/** A tree or a table as the terminal shows it on stdout. */
export const reported = ({ colours }: Terminal, text: string): string =>
  colours === true ? paintReport(text, inColour) : text;

/** How the terminal shows diagnostics, on stderr. */
export const shownOn = ({
  columns,
  warnsInColour,
}: Terminal): { readonly paint: Paint; columns: number | undefined } => ({
  paint: paintOf(warnsInColour),
  columns,
});

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
  colours: wantsColour(process.env, process.stdout.isTTY === true),
  warnsInColour: wantsColour(process.env, process.stderr.isTTY === true),
  readInput: readAll,
};

/** Of a pipe whose reader has ended, and of a terminal that was closed. */
const closed: ReadonlySet<string> = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

/** What nobody reads any more is lost, and the command goes on: a run is worth more than its progress lines. */
export function ignoreClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!closed.has(error.code ?? '')) throw error;
    });
}
