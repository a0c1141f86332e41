/** Values of all gates taken apart and put together: tensors have a leading gate axis. */

/** Part `gate` of `gates` equal parts of `values`. */
export function gateValues(values: Float64Array, gates: number, gate: number): Float64Array {
  const length = values.length / gates;
  return values.subarray(gate * length, (gate + 1) * length);
}

/** What `make` gives for each gate, one after the other. */
export function joinGates(gates: number, make: (gate: number) => Float64Array): Float64Array {
  return joinValues(Array.from({ length: gates }, (_, gate) => make(gate)));
}

/** One behind the other: there may be millions. */
export function joinValues(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const p of parts) {
    joined.set(p, at);
    at += p.length;
  }
  return joined;
}
