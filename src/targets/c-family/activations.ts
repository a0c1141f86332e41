/** The approximate activations as templates name their numbers. */
import { rationals } from '../../kernels/rationals.js';
import { floatLiteral } from './literals.js';

/** The names `clamp`, `p0`, `q0`, ... that activation templates use. */
export function activationView(mode: 'exact' | 'std' | 'fast'): Readonly<Record<string, string>> {
  if (mode === 'exact') return {};
  const { clamp, p, q } = rationals[mode];
  return Object.fromEntries([
    ['clamp', floatLiteral(clamp)],
    ...p.map((value, i) => [`p${i}`, floatLiteral(value)]),
    ...q.map((value, i) => [`q${i}`, floatLiteral(value)]),
  ]) as Readonly<Record<string, string>>;
}
