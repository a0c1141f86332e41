/** Shapes of results from shapes of operands. A wrong shape here is a bug in a layer or method, never a user's. */
import { invariant } from '../support/assert.js';
import { broadcastShape, formatShape, type Shape } from '../tensor/shape.js';

export function inferElementwise(kind: string, a: Shape, b: Shape): Shape {
  const shape = broadcastShape(a, b);
  invariant(shape !== undefined, `${kind} of ${formatShape(a)} and ${formatShape(b)}`);
  return shape;
}

export function inferMatmul(a: Shape, b: Shape, transposeA: boolean, transposeB: boolean): Shape {
  invariant(a.length >= 2 && b.length >= 2, `matmul of ${formatShape(a)} and ${formatShape(b)}`);
  const [rows, inner] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [innerB, columns] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
  const batch = broadcastShape(a.slice(0, -2), b.slice(0, -2));
  invariant(
    inner === innerB && batch !== undefined,
    `matmul of ${formatShape(a)}${transposeA ? '^T' : ''} and ${formatShape(b)}${transposeB ? '^T' : ''}`,
  );
  return [...batch, rows, columns];
}

export function inferSum(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  const summed = new Set(axes);
  invariant(
    axes.every((a) => a >= 0 && a < shape.length) && summed.size === axes.length,
    `sum of ${formatShape(shape)} over axes ${axes.join(',')}`,
  );
  return keep ? shape.map((d, i) => (summed.has(i) ? 1 : d)) : shape.filter((_, i) => !summed.has(i));
}

export function inferConcat(shapes: readonly Shape[], axis: number): Shape {
  const first = shapes[0];
  invariant(first !== undefined && axis < first.length, 'concat of nothing');
  for (const s of shapes) {
    invariant(
      s.length === first.length && s.every((d, i) => i === axis || d === first[i]),
      `concat of ${shapes.map(formatShape).join(' ')} along ${axis}`,
    );
  }
  return first.map((d, i) => (i === axis ? shapes.reduce((n, s) => n + s[axis]!, 0) : d));
}
