/**
 * Faults put into emitted C, one at a time: what a slip in a template would look like. Verification that does not see
 * one of them would not see the slip. Pure text; `check-mutants.ts` compiles and runs them.
 */

export interface Mutant {
  /** Line of the source, from 1. */
  readonly line: number;
  readonly fault: string;
  /** The line as it is and as it becomes. */
  readonly before: string;
  readonly after: string;
  /** The whole source with the fault. */
  readonly text: string;
}

interface Operator {
  readonly fault: string;
  /** The line with the fault; undefined where there is no place for it. */
  readonly apply: (line: string) => string | undefined;
  /** The line must be followed by one that is executed: the body of a loop. */
  readonly body?: boolean;
}

/** Replaces the first match; undefined when there is none. */
const replaced =
  (from: RegExp, to: string) =>
  (line: string): string | undefined =>
    from.test(line) ? line.replace(from, to) : undefined;

const isLoop = (line: string): boolean => /^\s*for \(/.test(line);
/** Definitions of macros are used elsewhere, and `static` lines are no statements. */
const isStatement = (line: string): boolean => /^\s/.test(line) && !/^\s*#|^\s*(static|return) /.test(line);

/** Swapped gates: of the LSTM's pre-activations in C and in vectors, and of the GRU's two vectors. */
const swaps: readonly (readonly [RegExp, string])[] = [
  [/z \+ 2 \* units/, 'z + 3 * units'],
  [/z \+ units/, 'z + 2 * units'],
  [/= gate\[0\]/, '= gate[1]'],
  [/\(half, gate\[3\]/, '(half, gate[1]'],
  [/candidate\[unit\]/, 'update[unit]'],
  [/\(candidate \+ unit/, '(update + unit'],
];

const operators: readonly Operator[] = [
  {
    fault: 'flips a sign',
    // Steps of counters are no sums, and the last one of them may lead nowhere.
    apply: (line) => (isLoop(line) ? undefined : replaced(/ \+= (?!\d+;)/, ' -= ')(line)),
  },
  {
    fault: 'flips a sign',
    apply: (line) => (/^\s*#/.test(line) ? undefined : replaced(/\bFMA(_LANE|_SCALAR)?\(/, 'FLIPPED$1(')(line)),
  },
  { fault: 'flips a sign', apply: replaced(/\] - n\)/, '] + n)') },
  { fault: 'flips a sign', apply: replaced(/\bvsubq_f32\(/, 'vaddq_f32(') },
  { fault: 'adds in place of a product', apply: replaced(/(_of\([^;]*\)) \* /, '$1 + ') },
  { fault: 'adds in place of a product', apply: replaced(/\bvmulq_f32\((?!FMA)/, 'vaddq_f32(') },
  { fault: 'leaves a loop or a tail out', apply: replaced(/for \(([^;]*); ([^;]+);/, 'for ($1; 0;'), body: true },
  { fault: 'leaves a tail out', apply: replaced(/for \(row = whole; row < rows;/, 'for (row = rows; row < rows;') },
  ...swaps.map(([from, to]) => ({ fault: 'swaps two gates', apply: replaced(from, to) })),
  { fault: 'drops a call', apply: replaced(/^(\s+)\w+\(.*\);$/, '$1(void)0;') },
  { fault: 'keeps the old state', apply: replaced(/state->now = now \^ 1u;/, 'state->now = now;') },
  { fault: 'takes a wrong argument', apply: replaced(/return \w+_E_\w+;/, 'return 0;') },
  { fault: 'takes another constant', apply: replaced(/\b0\.5f\b/, '0.25f') },
];

/** A loop whose work the next one would do: that goes on with the same counter wherever it stands. */
function leadsToTail(lines: readonly string[], at: number): boolean {
  const [, indent, counter] = /^(\s*)for \([^;]*; (?:end - )?(\w+)/.exec(lines[at]!) ?? [];
  if (indent === undefined) return false;
  for (const line of lines.slice(at + 1)) {
    if (line.startsWith(`${indent}for (; `)) return new RegExp(`\\b${counter}\\b`).test(line);
    if (line !== '' && !line.startsWith('#') && !line.startsWith(indent)) return false;
  }
  return false;
}

/** A loop of which every turn ends where it begins: `if (...) continue;`, as often as it is asked. */
function onlyGoesOn(lines: readonly string[], at: number, executed: ReadonlyMap<number, number>): boolean {
  const begins = /^\s*if \(.*\)$/.test(lines[at + 1] ?? '') && /^\s*continue;$/.test(lines[at + 2] ?? '');
  return begins && executed.get(at + 2) === executed.get(at + 3);
}

/** Signs of products in vectors, the other way round. */
const prelude = [
  '#define FLIPPED(sum, a, b) vsubq_f32(sum, vmulq_f32(a, b))',
  '#define FLIPPED_SCALAR(sum, a, b) vsubq_f32(sum, vmulq_n_f32(a, b))',
  '#define FLIPPED_LANE(sum, a, b, lane) vsubq_f32(sum, vmulq_n_f32(a, vgetq_lane_f32(b, lane)))',
].join('\n');

/**
 * Whether a line looks for damage in a blob: nothing but a damaged blob with a right checksum tells it from its
 * mutants, and a self-test has none.
 */
function guardsBlob(lines: readonly string[], at: number): boolean {
  const head = lines.slice(0, at).findLast((line) => /^\w.*\(/.test(line));
  return head !== undefined && /^static int \w+_within/.test(head);
}

/**
 * Every fault at every place that is executed. `executed` says how often each line is, from line 1 on; a fault in what
 * never runs cannot be seen.
 */
export function mutantsOf(source: string, executed: ReadonlyMap<number, number>): readonly Mutant[] {
  const lines = source.split('\n');
  const runs = (line: number): boolean => (executed.get(line) ?? 0) > 0;
  return lines.flatMap((before, i) => {
    if (!runs(i + 1) || guardsBlob(lines, i) || (!isStatement(before) && !/return \w+_E_/.test(before))) return [];
    return operators.flatMap(({ fault, apply, body }) => {
      const after = apply(before);
      if (after === undefined || after === before) return [];
      if (body === true && (!runs(i + 2) || leadsToTail(lines, i) || onlyGoesOn(lines, i, executed))) return [];
      const text = [...lines.slice(0, i), after, ...lines.slice(i + 1)].join('\n');
      return [{ line: i + 1, fault, before: before.trim(), after: after.trim(), text: `${prelude}\n${text}` }];
    });
  });
}

/** Executed lines as gcov prints them: `count:line:text`, `#####` for none, `-` for what is no code. */
export function readCoverage(text: string): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const line of text.split('\n')) {
    const [, count, number] = /^\s*([0-9]+)\*?:\s*([0-9]+):/.exec(line) ?? [];
    if (count !== undefined) found.set(Number(number), Number(count));
  }
  return found;
}
