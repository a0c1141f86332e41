/** Guards against bugs in rnnc itself. A user's mistake never ends here: it is a Diagnostic or a Fault. */

/** Throws when `condition` does not hold; the message is for rnnc's developers. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug in rnnc: ${message}`);
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new Error(`bug in rnnc: unreachable value ${JSON.stringify(value)}`);
}

/** `value`, which must be there. */
export function defined<T>(value: T | undefined, what: string): T {
  invariant(value !== undefined, `${what} is missing`);
  return value;
}
