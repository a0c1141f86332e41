/** Modelled cycles as text, and as time: only ever with the name of the model, and a time only with the clock. */
import { count, frequency, time } from '../support/units.js';

/** 12345 -> "12.3k". */
export const kilo = (cycles: number): string =>
  `${cycles < 100_000 ? Number((cycles / 1000).toPrecision(3)) : count(Math.round(cycles / 1000))}k`;

/** "modelled 2.1 ms (A57 model, 1.8 GHz, no cache misses)". */
export const modelledTime = (
  { model, cycles }: { readonly model: string; readonly cycles: number },
  clock: number,
): string => `modelled ${time(cycles / clock)} (${model}, ${frequency(clock)}, no cache misses)`;
