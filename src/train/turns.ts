/** Turns of block coordinate descent ([D] 3.2), as pure functions of time: the number of updates made so far. */
import type { Part } from '../methods/method.js';
import type { Alternation } from '../model/model.js';
import { momentSteps } from './schedules.js';

export interface TurnState {
  /** Whether the update after `time` trains the part. */
  readonly on: boolean;
  /** Updates of the part up to the end of its turn or of this update; what Adam corrects its moments by. */
  readonly updates: number;
}

/** Length of a turn in steps. */
export const turnSteps = ({ every }: Alternation, stepsPerEpoch: number): number =>
  Math.max(1, momentSteps(every, stepsPerEpoch));

/** Where a part stands at the update that is made after `time` updates; without turns every part is always trained. */
export function turnAt(alternate: Alternation | undefined, part: Part, time: number, stepsPerEpoch: number): TurnState {
  if (alternate === undefined) return { on: true, updates: time + 1 };
  const turn = turnSteps(alternate, stepsPerEpoch);
  const before = part === alternate.first ? 0 : turn;
  const on = Math.floor(time / turn) % 2 === (before === 0 ? 0 : 1);
  const rounds = Math.floor((time + 1) / (2 * turn));
  const sinceRound = (time + 1) % (2 * turn);
  return { on, updates: rounds * turn + Math.min(turn, Math.max(0, sinceRound - before)) };
}
