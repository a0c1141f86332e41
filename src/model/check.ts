/**
 * From the syntax tree to the total `Model`: every name resolved, every number solved, every default filled in. Every
 * mistake of the program is reported, once, and as many of them in one run as do not follow from another.
 */
import type { Diagnostic, Report } from '../diagnostics/diagnostic.js';
import type { Block, BlockWord, Program } from '../syntax/ast.js';
import { float32 } from '../tensor/number-format.js';
import { type Broken, type Checking, OnceReport, readConstants, settingsOf } from './checking.js';
import { checkDefinitions } from './definitions.js';
import { checkArithmetic, checkEmit, checkLengths, knowsSettings } from './emit.js';
import { compressError, modelError } from './messages.js';
import type { Emit, Layer, Model, ResolvedRule } from './model.js';
import { checkRules } from './rules.js';
import { shrink } from './small.js';
import { type Extent, planSweep, type SweepPlan, sweepOf } from './sweep.js';
import { readAxes } from './sweep-axes.js';
import { isSweep } from './sweep-rewrite.js';
import { checkTraining } from './training.js';
import { storeLayers } from './weights.js';

/**
 * Undefined when an error was reported. Warnings are reported too, and kept in the model. `extent` says how much of a
 * sweep is looked at: editors ask at every keystroke.
 */
export function check(
  program: Program,
  report: Report,
  broken: Broken = new Set(),
  extent: Extent = 'all',
): Model | undefined {
  const warnings: Diagnostic[] = [];
  const once = new OnceReport((diagnostic) => {
    if (diagnostic.severity === 'warning') warnings.push(diagnostic);
    report(diagnostic);
  });
  const checking = { constants: readConstants(program), report: once.report, broken };
  const model = checkProgram(program, checking);
  const sweep = sweepOf(program);
  if (sweep !== undefined && !once.failed && broken.size === 0) planSweep(program, checkAlone, checking, extent);
  else if (sweep !== undefined) checkSettings(program, sweep, checking);
  return once.failed || model === undefined ? undefined : { ...model, warnings };
}

/** Every combination would repeat what is wrong with the program itself: of a wrong one only the settings are read. */
function checkSettings(program: Program, sweep: Block, checking: Checking): void {
  const statements = settingsOf(sweep).filter(({ selector }) => selector === undefined);
  if (statements.length > 0 || sweep.statements.length === 0) readAxes({ ...sweep, statements }, program, checking);
}

/** A program without its sweep. */
export function checkAlone(program: Program, report: Report): Model | undefined {
  const items = program.items.filter((item) => !isSweep(item));
  return check({ ...program, items }, report);
}

/** What a program with a `sweep` block runs; undefined when an error was reported. */
export const checkSweep = (program: Program, report: Report): SweepPlan | undefined =>
  planSweep(program, checkAlone, { constants: readConstants(program), report });

type Blocks = ReadonlyMap<BlockWord, Block>;

function checkProgram(program: Program, checking: Checking): Omit<Model, 'warnings'> | undefined {
  const { report } = checking;
  const blocks = oneOfEach(program);
  const block = blocks.get('model');
  if (block === undefined && !checking.broken?.has('items'))
    report(modelError('no-model', { ...program.span, end: program.span.start }, {}));
  const name = block?.name?.text ?? 'model';
  const emits = checkEmits(program, name, checking);
  if (block === undefined) return undefined;
  const first = emits.find(({ target }) => target === 'c' || target === 'neon');
  const { weights, arithmetic } = first ?? { weights: float32, arithmetic: 'float32' as const };
  const body = checkBody(block, blocks, { ...checking, weights, arithmetic });
  if (body !== undefined) {
    const known = program.items.flatMap((item) =>
      item.kind === 'block' && item.word === 'emit' && knowsSettings(item, checking) ? [item.wordSpan] : [],
    );
    const sure = emits.filter(({ span }) => known.includes(span));
    checkLengths(sure, body.layers, checking);
    checkArithmetic(body, sure, report);
  }
  return body && { name, span: block.name?.span ?? block.wordSpan, ...body, emits };
}

type Body = Pick<Model, 'layers' | 'outputs' | 'rules' | 'pools' | 'training'>;

/** What depends on the layers: rules on definitions, training on both. Each is checked as far as the others allow. */
function checkBody(block: Block, blocks: Blocks, checking: Checking): Body | undefined {
  const written = checkDefinitions(block, checking);
  const unsure = checking.broken?.has('compress') === true || checking.broken?.has('items') === true;
  const claims = written && checkRules(blocks.get('compress'), written.layers, checking);
  const definitions = written && claims ? shrink(block, written, claims, checking) : written;
  const stored = definitions && claims && storeLayers(definitions.layers, claims, checking.report);
  const layers = stored?.layers ?? [];
  const train = blocks.get('train');
  const sure = unsure ? undefined : stored;
  const trained = { definitions: definitions ?? written, pools: sure?.pools, stored: sure };
  const training = train === undefined ? undefined : checkTraining(train, trained, checking);
  for (const layer of layers) checkScales(layer, stored?.rules ?? [], checking);
  return stored && { ...stored, outputs: definitions.outputs, training };
}

/** A layer has one scalar of each name, whichever rules ask for it. */
function checkScales(layer: Layer, rules: readonly ResolvedRule[], { report }: Checking): void {
  const found = new Map<string, number>();
  for (const { weight, rule } of layer.units) {
    for (const { scale } of Object.values(weight.tensors)) {
      if (scale === undefined) continue;
      const { name, penalty } = scale;
      const one = found.get(name) ?? penalty.weight;
      found.set(name, one);
      const fill = { layer: layer.name, scale: name, one, other: penalty.weight };
      if (one !== penalty.weight) report(compressError('two-penalties', rules[rule ?? 0]!.span, fill));
    }
  }
}

/** The first block of each word; loading has reported others. `emit` may stand several times. */
function oneOfEach(program: Program): Blocks {
  const blocks = new Map<BlockWord, Block>();
  for (const item of program.items) {
    if (item.kind === 'block' && item.word !== 'emit' && !blocks.has(item.word)) blocks.set(item.word, item);
  }
  return blocks;
}

const checkEmits = (program: Program, modelName: string, checking: Checking): readonly Emit[] =>
  program.items.flatMap((item) =>
    item.kind === 'block' && item.word === 'emit' ? (checkEmit(item, modelName, checking) ?? []) : [],
  );
