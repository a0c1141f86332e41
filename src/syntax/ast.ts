/**
 * The abstract syntax of a `.cmp` program: what was written, with spans, and nothing decided yet. Comments and
 * blank lines are kept on the nodes they belong to, so that the printer loses nothing.
 */
import type { Span } from '../diagnostics/source.js';

interface NodeBase {
  readonly span: Span;
}

/** Comments as written, delimiters included. */
export interface Trivia {
  /** Comments on the lines before the node; an empty string stands for one blank line. */
  readonly before: readonly string[];
  /** A comment behind the node on its last line. */
  readonly after?: string;
}
interface Item extends NodeBase {
  readonly trivia: Trivia;
}

export interface Name extends NodeBase {
  readonly kind: 'name';
  readonly text: string;
}

// Expressions: typed literals, never bare strings.
/** `10_000`, `0.5`, `1e-5`. */
export interface NumberLiteral extends NodeBase {
  readonly kind: 'number';
  readonly value: number;
  readonly integer: boolean;
  readonly text: string;
}
/** `1/1.2`. */
export interface RatioLiteral extends NodeBase {
  readonly kind: 'ratio';
  readonly value: number;
  readonly text: string;
}
/** `99.93%`; `value` is the fraction 0.9993. */
export interface PercentLiteral extends NodeBase {
  readonly kind: 'percent';
  readonly value: number;
  readonly text: string;
}
/** `13x65`, `2x3x4`. */
export interface ShapeLiteral extends NodeBase {
  readonly kind: 'shape';
  readonly dimensions: readonly number[];
  readonly text: string;
}
/** `25x`, `10/3x`. */
export interface FactorLiteral extends NodeBase {
  readonly kind: 'factor';
  readonly value: number;
  readonly text: string;
}
/** `1 MB`, `64 KiB`; `value` in bytes. */
export interface SizeLiteral extends NodeBase {
  readonly kind: 'size';
  readonly value: number;
  readonly text: string;
}
/** `2 ms`; `value` in seconds. */
export interface TimeLiteral extends NodeBase {
  readonly kind: 'time';
  readonly value: number;
  readonly text: string;
}
/** `1.8 GHz`; `value` in hertz. */
export interface ClockLiteral extends NodeBase {
  readonly kind: 'clock';
  readonly value: number;
  readonly text: string;
}
/** `6 epochs`, `100 steps`. */
export interface PeriodLiteral extends NodeBase {
  readonly kind: 'period';
  readonly value: number;
  readonly unit: 'epochs' | 'steps';
  readonly text: string;
}
/** `yes`, `no`. */
export interface BooleanLiteral extends NodeBase {
  readonly kind: 'boolean';
  readonly value: boolean;
}
export interface StringLiteral extends NodeBase {
  readonly kind: 'string';
  readonly value: string;
}
export interface ListLiteral extends NodeBase {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}
export interface Argument extends NodeBase {
  readonly kind: 'argument';
  /** Absent for a positional argument. */
  readonly name?: Name;
  readonly value: Expression;
}
export interface Call extends NodeBase {
  readonly kind: 'call';
  readonly callee: Name;
  readonly args: readonly Argument[];
}
export type Expression =
  | Name
  | NumberLiteral
  | RatioLiteral
  | PercentLiteral
  | ShapeLiteral
  | FactorLiteral
  | SizeLiteral
  | TimeLiteral
  | ClockLiteral
  | PeriodLiteral
  | BooleanLiteral
  | StringLiteral
  | ListLiteral
  | Call;
export type ExpressionKind = Expression['kind'];

// Selectors: `lstm rnn*.input.{i,f} except rnn2`.
/** One part of a path: the alternatives of a set, or one word; each may hold `*`. */
export interface PathPart extends NodeBase {
  readonly kind: 'part';
  readonly alternatives: readonly Name[];
}
export interface Selector extends NodeBase {
  readonly kind: 'selector';
  /** `lstm` in `lstm *`. */
  readonly layerKind?: Name;
  readonly parts: readonly PathPart[];
  readonly except: readonly Selector[];
}

// Statements
/** `name = value` in model, train, emit and sweep; `sparsity(rnn1) = ...`, `rnn*.method = [...]` carry a selector. */
export interface Setting extends Item {
  readonly kind: 'setting';
  readonly name: Name;
  readonly selector?: Selector;
  readonly value: Expression;
}
export interface Goal extends NodeBase {
  readonly kind: 'goal';
  readonly amount: FactorLiteral | SizeLiteral | Expression;
  readonly unit: 'parameters' | 'macs';
  readonly together: boolean;
}
/** `[override] selectors: method(args) [to GOAL] [then method(args)]...` */
export interface Rule extends Item {
  readonly kind: 'rule';
  readonly override: boolean;
  readonly selectors: readonly Selector[];
  /** A bare word `prune` is a call without arguments. */
  readonly method: Call;
  readonly goal?: Goal;
  readonly then: readonly Call[];
}
export interface Language extends Item {
  readonly kind: 'language';
  readonly version: number;
}
export interface Import extends Item {
  readonly kind: 'import';
  readonly path: StringLiteral;
}
export interface Let extends Item {
  readonly kind: 'let';
  readonly name: Name;
  readonly value: Expression;
}
export type BlockWord = 'model' | 'compress' | 'train' | 'emit' | 'sweep';
export interface Block extends Item {
  readonly kind: 'block';
  readonly word: BlockWord;
  readonly wordSpan: Span;
  /** The model's name, the emit target. */
  readonly name?: Name;
  /** A comment behind `{` on its line. */
  readonly opening?: string;
  /** Settings, or rules in `compress`, as written. */
  readonly statements: readonly Statement[];
  /** Comments between the last statement and `}`. */
  readonly closing: readonly string[];
}
export type Statement = Setting | Rule;
export type ProgramItem = Language | Import | Let | Block;
/** Where a text could not be read. */
export interface Gap {
  readonly span: Span;
  /** Words that were set aside: what they define or name is unknown. */
  readonly words: readonly string[];
}
export interface Program extends NodeBase {
  readonly kind: 'program';
  readonly items: readonly ProgramItem[];
  /** What could not be read; none in a program without faults of its text. */
  readonly gaps: readonly Gap[];
  /** Comments behind the last item. */
  readonly closing: readonly string[];
}

export type Node = Program | ProgramItem | Statement | Goal | Selector | PathPart | Argument | Expression;
export type NodeKind = Node['kind'];
export type NodeOf<K extends NodeKind> = Extract<Node, { readonly kind: K }>;
