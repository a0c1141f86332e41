/** The same program without compression: what `--baseline` trains beside it. */
import { join } from 'node:path';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { check } from '../model/check.js';
import { invariant } from '../support/assert.js';
import { Fault } from '../support/fault.js';
import type { Block, Expression, ProgramItem, Setting, Statement } from '../syntax/ast.js';
import type { Opened } from './program.js';

/** `cmr(...)` taken out of `regularize`; undefined when nothing is left. */
function withoutCoMatrixDropout(value: Expression): Expression | undefined {
  if (value.kind === 'call') return value.callee.text === 'cmr' ? undefined : value;
  if (value.kind !== 'list') return value;
  const items = value.items.filter((item) => withoutCoMatrixDropout(item) !== undefined);
  return items.length === 0 ? undefined : { ...value, items };
}

/** Settings that are about pruned weights or the parts of weights. */
const ofCompression = ['sparsity', 'alternate', 'distort'];

/** Whether a moment of a schedule is a sparsity. */
const followsSparsity = (value: Expression): boolean =>
  (value.kind === 'call' && value.callee.text !== 'cmr' && value.args.some(({ value: v }) => followsSparsity(v))) ||
  (value.kind === 'call' && value.callee.text === 'sparsity') ||
  (value.kind === 'list' && value.items.some(followsSparsity));

const follows = ({ name, value }: Setting): boolean => !ofCompression.includes(name.text) && followsSparsity(value);

/** A training setting as it is without compressed weights; undefined when it has no meaning there. */
function plainSetting(statement: Statement): Statement | undefined {
  if (statement.kind !== 'setting' || ofCompression.includes(statement.name.text)) return undefined;
  if (follows(statement)) {
    const message = `the baseline prunes nothing, and \`${statement.name.text}\` follows the sparsity`;
    throw new Fault('program/no-baseline', message, 'write its moments in epochs or steps, or leave --baseline out');
  }
  if (statement.name.text !== 'regularize') return statement;
  const value = withoutCoMatrixDropout(statement.value);
  return value === undefined ? undefined : { ...statement, value };
}

function plainItem(item: ProgramItem): ProgramItem | undefined {
  if (item.kind !== 'block') return item;
  if (item.word === 'compress' || item.word === 'emit' || item.word === 'sweep') return undefined;
  if (item.word !== 'train') return item;
  const statements = item.statements.map(plainSetting).filter((s) => s !== undefined);
  return { ...item, statements } satisfies Block;
}

const settingsOf = (item: ProgramItem): readonly Statement[] =>
  item.kind === 'block' && item.word === 'train' ? item.statements : [];

/** False where a schedule follows the sparsity, which an uncompressed program has not. */
export const canHaveBaseline = ({ program }: Opened): boolean =>
  !program.items.flatMap(settingsOf).some((s) => s.kind === 'setting' && follows(s));

/** The uncompressed program, its build in `baseline/` below the build of the compressed one. */
export function baselineOf(opened: Opened): Opened {
  const items = opened.program.items.map(plainItem).filter((item) => item !== undefined);
  const program = { ...opened.program, items };
  const diagnostics = new Diagnostics();
  const model = check(program, diagnostics.report);
  invariant(model !== undefined, `the baseline of ${opened.model.name}: ${diagnostics.all[0]?.message}`);
  return { ...opened, program, model, buildFolder: join(opened.buildFolder, 'baseline') };
}
