/**
 * Seals a compression method: its argument, binding and tensor types are inferred from the definition and stop
 * here, so the compiler sees a plain `Method`. A forgotten message hole, tensor name or argument is a type error.
 * Knows no method.
 */
import { type Arguments, type Constants, readArguments } from '../arguments/read.js';
import type { Schema, ValuesOf } from '../arguments/schema.js';
import { catalogue, type Entries, type Fill } from '../diagnostics/catalogue.js';
import type { Diagnostic, Note, Report } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/ops.js';
import type { Buffer, Ids, Planner } from '../kernels/planner.js';
import { count } from '../support/units.js';
import type { Call } from '../syntax/ast.js';
import { size } from '../tensor/shape.js';
import { type Common, common } from './common-messages.js';
import type {
  Apply,
  Dial,
  Guide,
  Matrix,
  Method,
  MethodUse,
  Mode,
  RichRows,
  Site,
  TensorSpec,
  Weight,
} from './method.js';
import type { Shared } from './parameters.js';

/** Reports a message of the method; the result is what a binding returns after a failure. */
export type Fail<M extends Entries> = <K extends keyof M & string>(
  code: K,
  span: Span,
  fill: Fill<M[K]>,
  notes?: readonly Note[],
) => undefined;

/** What a method has at hand when its arguments meet a matrix. */
export interface Binding<S extends Schema, M extends Entries> {
  readonly matrix: Matrix;
  readonly site: Site;
  readonly args: Arguments<S>;
  readonly fail: Fail<M & Common>;
  /** An argument that only a goal may leave out; reports when it is. */
  readonly need: <K extends keyof S & string>(name: K) => Exclude<ValuesOf<S>[K], undefined> | undefined;
}

/** What a method has at hand when it writes its product in graph ops. */
export interface Preparation<B, T> {
  readonly g: Builder;
  readonly matrix: Matrix;
  readonly bound: B;
  readonly mode: Mode;
  readonly tensors: { readonly [K in keyof T]: Value };
}

/** What a method has at hand when it writes its product in kernel calls. */
export interface Planning<B, T> {
  readonly p: Planner;
  readonly x: Buffer;
  readonly y: Buffer;
  readonly matrix: Matrix;
  readonly bound: B;
  /** Each tensor's path in the weight file. */
  readonly paths: { readonly [K in keyof T]: string };
}

/** How rows of a table are had by id, without gate axes: in graph ops ids (count) -> (count, columns), in calls one. */
export interface LookupOf<B, T> {
  readonly prepare: (looking: Omit<Preparation<B, T>, 'mode'> & { readonly ids: Value }) => Value;
  readonly plan: (planning: Omit<Planning<B, T>, 'x'> & { readonly ids: Ids }) => void;
}

/** What a method has at hand when it is fitted: gates * rows * columns values, and how many a mask may keep. */
export interface Fitting<B> {
  readonly dense: Float64Array;
  readonly kept: number;
  readonly matrix: Matrix;
  readonly bound: B;
}
type TensorValues<T> = { readonly [K in keyof T]: Float64Array };
type Tensors = Readonly<Record<string, TensorSpec>>;

/** S: the schema; M: the messages; B: the arguments as bound to one matrix; T: the tensors. */
export interface Definition<S extends Schema, M extends Entries, B, T extends Tensors> {
  readonly name: string;
  readonly summary: string;
  readonly law: string;
  readonly source: string;
  readonly guide: Guide;
  readonly schema: S;
  readonly messages: M;
  /** Its law is the same for any part of the columns. */
  readonly columnwise?: boolean;
  /** What is wrong wherever the weight sits. */
  readonly check?: (args: Arguments<S>, fail: Fail<M & Common>) => void;
  /** An argument is left to a goal; a sparse method's sparsity is looked after by `defineMethod`. */
  readonly open?: (values: ValuesOf<S>) => boolean;
  /** The arguments ask for all gates in one matrix without saying `layout=stacked`. */
  readonly stacks?: (values: ValuesOf<S>, matrix: Matrix) => boolean;
  /** The arguments for one matrix, or undefined after a failure. */
  readonly bind: (binding: Binding<S, M>) => B | undefined;
  readonly dial?: (binding: Binding<S, M>) => DialOf<B> | undefined;
  readonly tensors: (matrix: Matrix, bound: B) => T;
  readonly rank: (matrix: Matrix, bound: B) => number;
  /** Why arguments left open are what they are; undefined when none was. */
  readonly why?: (values: ValuesOf<S>, matrix: Matrix) => string | undefined;
  /** The arguments as `explain` prints them. */
  readonly show: (bound: B) => Readonly<Record<string, string | number>>;
  readonly prepare: (preparation: Preparation<B, T>) => Apply;
  readonly reconstruct: (values: TensorValues<T>, matrix: Matrix, bound: B) => Float64Array;
  readonly plan: (planning: Planning<B, T>) => void;
  /** Where rows may be reordered before the weight is fitted. */
  readonly richRows?: (matrix: Matrix, bound: B) => RichRows | undefined;
  /** How one row is had by its number, for tables (one gate); absent where the method stores none. */
  readonly lookup?: LookupOf<B, T>;
  /** Why given matrices cannot be fitted, where they cannot. */
  readonly unfit?: (bound: B) => string | undefined;
  /** Values of the tensors; not asked for where the method is unfit. */
  readonly fit: (fitting: Fitting<B>) => TensorValues<T>;
}
export interface DialOf<B> {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly among?: string;
  readonly at: (setting: number) => B;
}

/** All gates as one matrix, top to bottom. */
export const stackedMatrix = (matrix: Matrix): Matrix => ({
  ...matrix,
  gates: 1,
  shape: [matrix.gates * matrix.shape[0], matrix.shape[1]],
});

function seal<S extends Schema, M extends Entries, B, T extends Tensors>(
  d: Definition<S, M, B, T>,
  matrix: Matrix,
  bound: B,
  chosen?: string,
): Weight {
  const tensors = d.tensors(matrix, bound);
  const richRows = d.richRows?.(matrix, bound);
  const unfit = d.unfit?.(bound);
  return {
    method: d.name,
    matrix,
    arguments: Object.entries(d.show(bound)).map(([name, value]) => ({ name, value: String(value) })),
    tensors,
    rank: d.rank(matrix, bound),
    chosen,
    // The lowering names every tensor of `tensors`, so the records are complete.
    prepare: (g, values, mode) =>
      d.prepare({ g, matrix, bound, mode, tensors: values as Preparation<B, T>['tensors'] }),
    lookup: d.lookup && {
      prepare: (g, values, ids) =>
        d.lookup!.prepare({ g, matrix, bound, ids, tensors: values as Preparation<B, T>['tensors'] }),
      plan: (p, ids, y, paths) => d.lookup!.plan({ p, ids, y, matrix, bound, paths: paths as Planning<B, T>['paths'] }),
    },
    reconstruct: (values) => d.reconstruct(values as TensorValues<T>, matrix, bound),
    plan: (p, x, y, paths) => d.plan({ p, x, y, matrix, bound, paths: paths as Planning<B, T>['paths'] }),
    ...(richRows === undefined ? {} : { richRows }),
    unfit,
    fit: (dense, kept) =>
      unfit === undefined
        ? { kind: 'fitted', values: d.fit({ dense, kept, matrix, bound }) }
        : { kind: 'refused', reason: unfit },
  };
}

/** Values stored before any pruned tensor is counted. */
const storedDensely = (tensors: Tensors): number =>
  Object.values(tensors).reduce((sum, t) => sum + (t.masked ? 0 : size(t.shape)), 0);

/** What a use of the method shares between its bindings. */
interface Using<S extends Schema, M extends Entries, B, T extends Tensors> {
  readonly d: Definition<S, M, B, T>;
  readonly call: Call;
  readonly args: Arguments<S>;
}

function binding<S extends Schema, M extends Entries, B, T extends Tensors>(
  { d, call, args }: Using<S, M, B, T>,
  given: Matrix,
  site: Site,
  report: Report,
): Binding<S, M> {
  const matrix = d.stacks?.(args.values, given) === true ? stackedMatrix(given) : given;
  const fail = failing(d, report);
  const callee = `\`${call.callee.text}\``;
  return {
    matrix,
    site,
    args,
    fail,
    need: (name) => {
      const value = args.values[name];
      if (value === undefined) {
        report(messagesOf(d)('open-argument', call.span, { callee, path: site.path, name, doc: d.schema[name]!.doc }));
      }
      return value as Exclude<ValuesOf<S>[typeof name], undefined> | undefined;
    },
  };
}

type Maker = (code: keyof Common, span: Span, fill: Readonly<Record<string, string | number>>) => Diagnostic;
const messagesOf = (d: { readonly name: string }): Maker => catalogue(d.name, common as Entries);

function failing<M extends Entries>(d: { name: string; messages: M }, report: Report): Fail<M & Common> {
  return (code, span, fill, notes = []) => {
    const make = catalogue(d.name, { ...common, ...d.messages } as M & Common);
    report(make(code, span, fill, notes));
    return undefined;
  };
}

function bind<S extends Schema, M extends Entries, B, T extends Tensors>(
  using: Using<S, M, B, T>,
  given: Matrix,
  site: Site,
  report: Report,
): Weight | undefined {
  const { d, call } = using;
  const request = binding(using, given, site, report);
  const bound = d.bind(request);
  if (bound === undefined) return undefined;
  const weight = seal(d, request.matrix, bound, d.why?.(using.args.values, request.matrix));
  const stored = storedDensely(weight.tensors);
  const dense = given.gates * size(given.shape);
  if (stored > dense) {
    const callee = `\`${call.callee.text}\``;
    const fill = { callee, path: site.path, stored: count(stored), dense: count(dense) };
    report(messagesOf(d)('more-than-dense', call.span, fill));
  }
  return weight;
}

function dialFor<S extends Schema, M extends Entries, B, T extends Tensors>(
  using: Using<S, M, B, T>,
): MethodUse['dial'] {
  const { d } = using;
  const { dial } = d;
  if (dial === undefined) return undefined;
  return (given, site, report): Dial | undefined => {
    const request = binding(using, given, site, report);
    const found = dial(request);
    return found && { ...found, at: (setting) => seal(d, request.matrix, found.at(setting)) };
  };
}

/** Whether a schema leads to a masked tensor: the sparse methods are those with a sparsity. */
const isSparse = (schema: Schema): boolean => Object.hasOwn(schema, 'sparsity');

/** The method of a definition, its types hidden. */
export function defineMethod<const S extends Schema, const M extends Entries, B, T extends Tensors>(
  d: Definition<S, M, B, T>,
): Method {
  const sparse = isSparse(d.schema);
  const use = (call: Call, constants: Constants, report: Report): MethodUse | undefined => {
    const args = readArguments(call, d.schema, constants, report);
    if (args === undefined) return undefined;
    let failed = false;
    d.check?.(
      args,
      failing(d, (diagnostic) => {
        failed ||= diagnostic.severity === 'error';
        report(diagnostic);
      }),
    );
    if (failed) return undefined;
    const using = { d, call, args };
    const { sparsity, layout, ranking } = args.values as Partial<Shared>;
    return {
      method,
      call,
      sparsity,
      sparsitySpan: args.at('sparsity'),
      stacked: layout === 'stacked',
      global: ranking === 'global',
      complete: d.open?.(args.values) !== true && !(sparse && sparsity === undefined),
      bind: (matrix, site, diagnose) => bind(using, matrix, site, diagnose),
      dial: dialFor(using),
    };
  };
  const { name, summary, law, source, guide, schema, messages } = d;
  const [columnwise, looksUp] = [d.columnwise === true, d.lookup !== undefined];
  const method: Method = { name, summary, law, source, guide, schema, messages, sparse, columnwise, looksUp, use };
  return method;
}
