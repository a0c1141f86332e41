/** `rnnc engines`: what trains here, what does not and why, and how fast each is. */
import { compile, compileTraining } from '../../compile.js';
import type { Engine } from '../../engines/engine.js';
import { engines } from '../../engines/engines.js';
import { productOperations } from '../../graph/products.js';
import type { StepGraph } from '../../lower/training-graph.js';
import type { Loader } from '../../model/model.js';
import { type EngineRow, enginesTable } from '../../report/engines-table.js';
import { defined, invariant } from '../../support/assert.js';
import { measureEngine } from '../../train/engine-speed.js';
import { type Command, type Invocation, sharedOptions } from '../command.js';
import { reported } from '../terminal.js';
import { threadsOf } from '../train-model.js';

const program = `model speed {
  tokens = ids(vocab=500)
  embed  = embedding(tokens, 128)
  rnn    = lstm(embed, 128)
  next   = softmax(rnn, 500)
}
train {
  data      = generated(order=1, vocab=500, tokens=200_000, batch=10, unroll=10)
  optimizer = sgd(clip=5)
  epochs    = 1
}
`;

interface Candidate {
  /** As a user asks for it. */
  readonly option: string;
  readonly engine: Engine;
}

async function candidates(): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  for (const engine of engines) {
    found.push({ option: `--engine ${engine.name}`, engine });
    const [, ...devices] = (await engine.providers?.()) ?? [];
    for (const device of devices)
      found.push({ option: `--engine ${engine.name} --provider ${device}`, engine: engine.on!(device) });
  }
  return found;
}

interface Measured {
  readonly step: StepGraph;
  readonly loader: Loader;
  readonly threads: number;
}

function compileStep(): Omit<Measured, 'threads'> {
  const compiled = compile(
    'speed.cmp',
    () => program,
    ({ message }) => invariant(false, message),
  );
  const { model } = defined(compiled, 'the program that measures engines');
  return { step: compileTraining(model, false), loader: defined(model.training, 'its training').loader };
}

async function examine({ option, engine }: Candidate, measured: Measured): Promise<EngineRow> {
  const { available, detail } = await engine.available();
  const { varies } = engine;
  const row = { name: engine.name, option, available, detail, varies };
  if (!available) return row;
  try {
    const { seconds } = await measureEngine({ ...measured, engine, forSeconds: 0.4 });
    const gigaflops = productOperations(measured.step.graph) / seconds / 1e9;
    return { ...row, milliseconds: seconds * 1000, gigaflops };
  } catch (error) {
    // It starts and cannot run the step: as good as not there, and the reason is told.
    return { ...row, available: false, detail: String((error as Error).message).split('\n')[0]! };
  }
}

async function run(invocation: Invocation): Promise<number> {
  const rows: EngineRow[] = [];
  const measured = { ...compileStep(), threads: threadsOf(invocation) };
  for (const candidate of await candidates()) rows.push(await examine(candidate, measured));
  const { terminal } = invocation;
  if (invocation.text('format') === 'json') for (const row of rows) terminal.print(JSON.stringify(row));
  else terminal.write(reported(terminal, enginesTable(rows)));
  return 0;
}

export const enginesCommand: Command = {
  name: 'engines',
  summary: 'which engines train here, why others do not, and how fast each is',
  operands: '',
  most: 0,
  options: { threads: sharedOptions.threads, format: sharedOptions.format },
  details: [
    'Runs one training step of a small LSTM (128 units, 500 words, 10 steps, batch 10) on every engine that is',
    'available and prints the time of the fastest and the speed of its matrix products. For an engine that is not',
    'available the reason stands beside it, and what to install. "same bits" says whether two runs from one seed give',
    'the same weights, bit for bit.',
  ].join('\n'),
  examples: ['rnnc engines', 'rnnc engines --format json'],
  run,
};
