/** `rnnc verify`: does the emitted C do what the model says? */
import { Fault } from '../../support/fault.js';
import type { VerifyTarget } from '../../verify/toolchain.js';
import { loadWeights } from '../build-folder.js';
import { type Command, type Invocation, sharedOptions, UsageError } from '../command.js';
import { type Opened, openProgram } from '../program.js';
import { openCorpus } from '../train-model.js';
import {
  agrees,
  type Compared,
  comparedLine,
  comparePerplexity,
  type EmittedReport,
  reportLine,
  type VerifyRequest,
  verifyEmitted,
} from '../verify-model.js';

const targets: readonly VerifyTarget[] = ['native', 'aarch64', 'arm'];

/** Targets whose self-test ran. */
const ran = (reports: readonly EmittedReport[]): VerifyTarget[] => [
  ...new Set(reports.flatMap((r) => r.targets.filter((t) => t.status === 'passed').map((t) => t.target))),
];

async function compare(
  invocation: Invocation,
  opened: Opened,
  reports: readonly EmittedReport[],
): Promise<readonly Compared[]> {
  const tokens = invocation.integer('tokens');
  if (tokens === undefined) return [];
  const loaded = loadWeights(opened);
  const { weights } = loaded;
  const corpus = openCorpus(invocation, opened, ['test'], loaded);
  return comparePerplexity(invocation, { opened, corpus, weights, tokens, targets: ran(reports) });
}

function requestOf(invocation: Invocation): VerifyRequest {
  const only = targets.find((t) => t === invocation.text('on'));
  const runner = invocation.text('runner');
  if (runner !== undefined && only === undefined)
    throw new UsageError('--runner needs --on: native, aarch64 or arm', 'say what the other machine is');
  return {
    sanitize: invocation.flag('sanitize'),
    sequences: invocation.integer('sequences') ?? 8,
    ...(only === undefined ? {} : { only }),
    ...(runner === undefined ? {} : { runner }),
  };
}

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'compile the emitted C and run its self-test natively and under emulation',
  operands: '[model.cmp]',
  most: 1,
  options: {
    on: { type: 'string', value: 'TARGET', doc: 'only native, aarch64 or arm (default: all that fit)', words: targets },
    sequences: { type: 'string', value: 'N', doc: 'random sequences to hold against the oracle (default: 8)' },
    sanitize: { type: 'boolean', doc: 'natively also under the sanitizers of addresses, undefined behaviour, threads' },
    runner: { type: 'string', value: 'COMMAND', doc: "runs programs on a board, with --on: 'ssh board'" },
    tokens: { type: 'string', value: 'N', doc: 'also compare perplexity with the engine on the first N test tokens' },
    data: sharedOptions.data,
    engine: sharedOptions.engine,
    threads: sharedOptions.threads,
    out: sharedOptions.out,
    format: sharedOptions.format,
  },
  details: [
    'Compiles build/<model>/c and build/<model>/neon with warnings as errors and runs their golden vectors and random',
    'sequences: each output must be within its stated bound of the oracle, which computes in double. Tools that are',
    'not there are reported as skipped; with CI=true that is a failure.',
    '',
    '--runner is a command that runs a line of shell on another machine and passes input, output and exit code on,',
    'as ssh does; programs are compiled here for --on, statically for Arm, and sent through its standard input.',
    'Exit code 1 when something failed.',
  ].join('\n'),
  examples: [
    'rnnc verify --sanitize',
    'rnnc verify --tokens 1000 --data path/to/text',
    "rnnc verify --on aarch64 --runner 'ssh board'",
  ],
  run: async (invocation) => {
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const reports = await verifyEmitted(opened, requestOf(invocation));
    if (reports.length === 0) {
      throw new Fault(
        'build/not-emitted',
        `${opened.model.name} has no emitted C to verify`,
        'run `rnnc emit --target c` or `--target neon`',
      );
    }
    const compared = await compare(invocation, opened, reports);
    if (invocation.text('format') === 'json') invocation.terminal.print(JSON.stringify({ reports, compared }));
    else {
      for (const { name, targets: rows } of reports)
        for (const row of rows) invocation.terminal.print(reportLine(name, row));
      for (const row of compared) invocation.terminal.print(comparedLine(row));
    }
    const failed = reports.some((r) => r.targets.some((t) => t.status === 'failed'));
    return failed || !compared.every(agrees) ? 1 : 0;
  },
};
