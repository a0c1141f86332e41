/** A default of the language as a program would write it. */
export function printValue(value: unknown): string {
  if (value === undefined) return 'open';
  if (typeof value === 'boolean') return value ? '`yes`' : '`no`';
  if (Array.isArray(value)) return `\`${value.join('x')}\``;
  return `\`${String(value)}\``;
}

const isMoment = (value: object): value is { readonly value: number; readonly unit: string } =>
  'value' in value && 'unit' in value;

/** A default of a parameter by what it expects: `50%`, `1 epoch`, `row`. */
export function printDefault(expects: string, value: unknown): string {
  if (typeof value === 'number' && expects.startsWith('a percent')) return `\`${Number((value * 100).toFixed(10))}%\``;
  if (typeof value === 'number' && expects.includes('number of steps')) return `\`${value} steps\``;
  if (value === undefined) return '';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return printValue(value);
  if (isMoment(value)) return `\`${value.value} ${value.value === 1 ? value.unit.slice(0, -1) : value.unit}\``;
  return 'kind' in value ? printValue(value.kind) : printValue(value);
}
