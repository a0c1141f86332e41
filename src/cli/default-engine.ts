/** The engine of a user who named none: the first of the list that is there, with a word when it is a slower one. */
import type { Engine } from '../engines/engine.js';
import { Fault } from '../support/fault.js';

export interface ChosenEngine {
  readonly engine: Engine;
  /** Why it is not the first of the list; undefined when it is. */
  readonly notice: string | undefined;
}

/** The first available of `candidates`, fastest first. */
export async function firstAvailable(candidates: readonly Engine[]): Promise<ChosenEngine> {
  let missing: string | undefined;
  for (const engine of candidates) {
    const { available, detail } = await engine.available();
    if (available) {
      const slower = `; using ${engine.name}, which is several times slower`;
      return { engine, notice: missing === undefined ? undefined : missing + slower };
    }
    missing ??= `${engine.name} is not available: ${detail}`;
  }
  throw new Fault('engine/unavailable', missing ?? 'there is no engine', '`rnnc engines` tells why');
}
