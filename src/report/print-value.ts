/** A default of the language as a program would write it. */
export function printValue(value: unknown): string {
  if (value === undefined) return 'open';
  if (typeof value === 'boolean') return value ? '`yes`' : '`no`';
  if (Array.isArray(value)) return `\`${value.join('x')}\``;
  return `\`${String(value)}\``;
}
