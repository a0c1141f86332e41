/** `rnnc explain`: what the compiler understood, in numbers. */
import { resolve } from 'node:path';
import { compileTraining } from '../../compile.js';
import { printGraph } from '../../graph/print.js';
import { lowerInference } from '../../lower/inference.js';
import { printPlan } from '../../lower/inference-summary.js';
import { trainingMemory } from '../../lower/training-memory.js';
import { formatsOf } from '../../model/formats.js';
import { type Arithmetic, longestSequence } from '../../model/model.js';
import { summarize, summarizeRules, totals } from '../../model/summary.js';
import { explainWeights, weightPaths } from '../../model/why.js';
import { trainingPasses } from '../../passes/passes.js';
import { explain } from '../../report/explain.js';
import { explainMemory } from '../../report/memory-text.js';
import { explainPlan, type PlanCosts, planCosts } from '../../report/plan-text.js';
import { whyText, whyToJson } from '../../report/why-text.js';
import { suggestion } from '../../support/suggest.js';
import { dumpAst } from '../../syntax/dump.js';
import { type Command, type Invocation, sharedOptions, UsageError } from '../command.js';
import { explainCode, isCode } from '../explain-code.js';
import { exists } from '../files.js';
import { type Opened, openProgram } from '../program.js';
import { reported } from '../terminal.js';
import { trainedCounts } from '../trained-counts.js';

const emitOfC = ({ emits }: Opened['model']) => emits.find(({ target }) => target === 'neon' || target === 'c');

const forms = ['ast', 'graph', 'plan'];

/** The plan of the first block of C: what was decided and why, and every call. */
function planOf(model: Opened['model']): { readonly costs: PlanCosts; readonly calls: string } {
  const emit = emitOfC(model);
  const cpu = emit?.cpu ?? 'any';
  const maxSteps = longestSequence(model, emit);
  const lowered = (arithmetic: Arithmetic) => {
    const formats = emit && { formatOf: formatsOf(model, emit.weights, arithmetic) };
    return lowerInference(model, { ...formats, cpu, calibrated: emit?.calibrated === true, maxSteps });
  };
  const plan = lowered(emit?.arithmetic ?? 'float32');
  const inFloats =
    emit?.arithmetic === 'integer'
      ? { stored: lowered('float32'), plain: lowerInference(model, { cpu, maxSteps }) }
      : undefined;
  return { costs: planCosts(model, plan, emit ?? { cpu }, inFloats), calls: printPlan(plan) };
}

function planText(model: Opened['model']): string {
  const { costs, calls } = planOf(model);
  return `${explainPlan(costs)}\n${calls}`;
}

function printForm(form: string, { program, model }: Opened): string {
  if (form === 'ast') return dumpAst(program);
  if (form === 'plan') return planText(model);
  return printGraph(compileTraining(model, model.training?.cmr !== undefined).graph);
}

function printAfter(pass: string, { model }: Opened): string {
  const names = trainingPasses.map((p) => p.name);
  if (!names.includes(pass)) throw new UsageError(`there is no pass ${pass}`, `${suggestion(pass, names)}`);
  let text = '';
  compileTraining(model, model.training?.cmr !== undefined, (name, graph) => {
    if (name === pass) text = printGraph(graph);
  });
  return text;
}

/** Weights that `--why` means; refused when there are none. */
function weightsOf(pattern: string, { program, model }: Opened) {
  const found = explainWeights(program, model, pattern);
  if (found.length > 0) return found;
  throw new UsageError(`no weight is called ${pattern}`, `${suggestion(pattern, weightPaths(model))}`);
}

function textOf(invocation: Invocation, opened: Opened): string {
  const why = invocation.text('why');
  if (why !== undefined) return whyText(weightsOf(why, opened), invocation.terminal.columns);
  const pass = invocation.text('print-after');
  if (pass !== undefined) return printAfter(pass, opened);
  const form = invocation.flag('plan') ? 'plan' : invocation.text('print');
  if (form !== undefined) return printForm(form, opened);
  const { model } = opened;
  const text = explain(model, trainedCounts(opened), invocation.terminal.columns);
  if (model.training === undefined) return text;
  const step = compileTraining(model, model.training.cmr !== undefined);
  return `${text}\n${explainMemory(trainingMemory(step))}`;
}

/** What `--format json` prints: the same numbers as data, or an intermediate form as one string. */
function dataOf(invocation: Invocation, opened: Opened): unknown {
  const why = invocation.text('why');
  if (why !== undefined) return { model: opened.model.name, weights: weightsOf(why, opened).map(whyToJson) };
  if (invocation.flag('plan') || invocation.text('print') === 'plan') {
    const { costs, calls } = planOf(opened.model);
    return { model: opened.model.name, plan: costs, text: calls };
  }
  const form = ['print', 'print-after'].some((o) => invocation.text(o) !== undefined);
  if (form) return { model: opened.model.name, text: textOf(invocation, opened) };
  const { model } = opened;
  const trained = trainedCounts(opened);
  const layers = summarize(model, trained);
  return { model: model.name, rules: summarizeRules(model, trained), pools: model.pools, layers, all: totals(layers) };
}

export const explainCommand: Command = {
  name: 'explain',
  summary: 'what each rule selects, what it becomes, what it costs',
  operands: '[model.cmp | CODE]',
  most: 1,
  options: {
    why: {
      type: 'string',
      value: 'WEIGHT',
      doc: 'which line decided a weight, its arguments, format and schedule: a path or a pattern such as "rnn*.S"',
    },
    plan: {
      type: 'boolean',
      doc: 'the emitted program instead: why it has its forms, kernel calls, buffers, weight regions',
    },
    print: {
      type: 'string',
      value: 'FORM',
      doc: 'an intermediate form: ast, graph (the training step) or plan',
      words: forms,
    },
    'print-after': {
      type: 'string',
      value: 'PASS',
      doc: `the training graph after a pass: ${trainingPasses.map((p) => p.name).join(', ')}`,
    },
    out: sharedOptions.out,
    format: sharedOptions.format,
  },
  details: [
    'Prints selector -> weights -> method -> numbers, every default in force, and the memory that training needs.',
    'Lines are as wide as the terminal, or as COLUMNS says.',
    'Of the code of a diagnostic, such as dkp/shapes, prints its cause, a wrong program and a right one.',
  ].join('\n'),
  examples: [
    'rnnc explain model.cmp',
    'rnnc explain model.cmp --plan',
    'rnnc explain model.cmp --why rnn1',
    'rnnc explain dkp/shapes',
  ],
  run: async (invocation) => {
    const [operand] = invocation.operands;
    if (operand !== undefined && isCode(operand) && !exists(resolve(invocation.folder, operand)))
      return explainCode(operand, invocation);
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    if (invocation.text('format') === 'json') invocation.terminal.print(JSON.stringify(dataOf(invocation, opened)));
    else {
      const text = textOf(invocation, opened);
      invocation.terminal.write(reported(invocation.terminal, text.endsWith('\n') ? text : `${text}\n`));
    }
    return 0;
  },
};
