/**
 * A builder that writes every computation once: asking again for the same op on the same operands gives the value
 * already there. What a layer repeats at each time step is so differentiated only once.
 */
import type { Shape } from '../tensor/shape.js';
import { Builder } from './builder.js';
import type { OpAttrs, OpKind, Value } from './ops.js';

/** JSON has no word for the numbers that it cannot tell apart: infinities, not-a-number and minus zero. */
function attributesKey(kind: OpKind, attrs: OpAttrs[OpKind]): string {
  if (kind !== 'constant') return JSON.stringify(attrs);
  const { value } = attrs as OpAttrs['constant'];
  return Object.is(value, -0) ? '-0' : String(value);
}

export class UniqueBuilder extends Builder {
  private readonly known = new Map<string, Value>();

  override push<K extends OpKind>(kind: K, inputs: readonly Value[], attrs: OpAttrs[K], shape: Shape): Value {
    const key = `${kind} ${inputs.join(',')} ${attributesKey(kind, attrs)} ${shape.join('x')}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const v = super.push(kind, inputs, attrs, shape);
    this.known.set(key, v);
    return v;
  }
}
