/**
 * Watches the log of a run for a loss that runs away and stays finite: worse than a guess over many updates. It warns
 * once and stops nothing. What it knows is in the log itself, so a resumed run warns where an uninterrupted one does.
 */
import type { Graph } from '../graph/ops.js';
import type { Training } from '../model/model.js';
import { count } from '../support/units.js';
import type { MetricsLine } from './metrics.js';

type MetricsOf<K extends MetricsLine['kind']> = Extract<MetricsLine, { kind: K }>;

/** Updates over which the loss must have been too high. */
const steps = 20;
/** Nats above a guess that a run may have before it has learned anything: random weights are often a little worse. */
const tolerance = 1;

/** Nats of a label when all classes are taken for equally likely; of several outputs their mean. */
export function guessLoss({ ops }: Graph): number {
  const classes = ops.flatMap((op) => (op.kind === 'crossEntropy' ? [ops[op.inputs[0]!]!.shape[1]!] : []));
  return classes.reduce((sum, width) => sum + Math.log(width), 0) / Math.max(1, classes.length);
}

interface Lowest {
  readonly step: number;
  readonly loss: number;
}

const nats = (loss: number): string => (loss < 1000 ? loss.toFixed(2) : loss.toPrecision(3));

export class RunawayWatch {
  private readonly guess: number;
  private readonly clip: number | undefined;
  private told = false;
  /** Updates made at the last line, and at the line behind which the loss is too high. */
  private last = 0;
  private since: number | undefined;
  private lowest: Lowest | undefined;

  constructor(guess: number, { optimizer }: Pick<Training, 'optimizer'>) {
    this.guess = guess;
    this.clip = optimizer.clip;
  }

  /** The warning that a line of the log gives rise to. */
  add(line: MetricsLine): MetricsOf<'warning'> | undefined {
    if (line.kind === 'warning') this.told = true;
    if (line.kind !== 'step') return undefined;
    const from = this.last;
    this.last = line.step;
    const { lowest } = this;
    if (lowest === undefined || line.loss < lowest.loss) this.lowest = line;
    // Having learned something, a run that is no better than a guess has lost it.
    const hasLearned = lowest !== undefined && lowest.loss < this.guess - tolerance;
    const isHigh = line.loss > (hasLearned ? this.guess : this.guess + tolerance);
    this.since = isHigh ? (this.since ?? from) : undefined;
    if (this.told || this.since === undefined || line.step - this.since < steps) return undefined;
    this.told = true;
    return this.warning(line, this.since, hasLearned ? lowest : undefined);
  }

  private warning(line: MetricsOf<'step'>, since: number, lowest: Lowest | undefined): MetricsOf<'warning'> {
    const { step, epoch, loss, lr } = line;
    const before = lowest === undefined ? '' : `; it was ${nats(lowest.loss)} at step ${count(lowest.step)}`;
    const message =
      `the loss runs away: ${nats(loss)} at step ${count(step)}, above the ${nats(this.guess)} of a mere guess ` +
      `for ${count(step - since)} steps${before}`;
    const clip = this.clip === undefined ? 'set `clip=5` of the optimizer' : `lower \`clip\`, which is ${this.clip}`;
    const hint = `stop the run and lower \`lr\`, which is ${Number(lr.toPrecision(4))} now, or ${clip}`;
    return { kind: 'warning', step, epoch, message, hint, runaway_loss: loss, guess_loss: this.guess };
  }
}
