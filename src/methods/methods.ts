/** The list of methods. A new method is one folder and one line here. */
import { circulant } from './circulant/circulant.js';
import { dense } from './dense/dense.js';
import { dkp } from './dkp/dkp.js';
import { hkp } from './hkp/hkp.js';
import { hlf } from './hlf/hlf.js';
import { kp } from './kp/kp.js';
import { lmf } from './lmf/lmf.js';
import type { Method } from './method.js';
import { prune } from './prune/prune.js';
import { tt } from './tt/tt.js';

export const methods: readonly Method[] = [dense, prune, lmf, hlf, kp, dkp, hkp, tt, circulant];

/** Other names for a method. */
const aliases: ReadonlyMap<string, string> = new Map([['hmd', 'hlf']]);

/** The method of a word, its other names included. */
export function findMethod(word: string): Method | undefined {
  const name = aliases.get(word) ?? word;
  return methods.find((m) => m.name === name);
}
