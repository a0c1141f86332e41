/**
 * Runs jobs side by side within a number and within memory. It starts no process itself and reads no clock: the same
 * code runs a sweep and foretells how long one takes.
 */

export interface Job {
  /** Bytes it needs at its peak. */
  readonly memory: number;
}

export interface Limits {
  /** Jobs side by side. */
  readonly jobs: number;
  /** Bytes that all of them may need together. */
  readonly memory: number;
}

/** The first waiting job that fits beside those that run; undefined when all must wait. */
export function nextJob<J extends Job>(waiting: readonly J[], running: readonly J[], limits: Limits): J | undefined {
  if (running.length >= limits.jobs) return undefined;
  const used = running.reduce((sum, { memory }) => sum + memory, 0);
  return waiting.find(({ memory }) => used + memory <= limits.memory);
}

/** Starts every job, in order as far as memory lets it; ends when all have ended, or those that run once `stopped`. */
export async function runJobs<J extends Job>(
  jobs: readonly J[],
  limits: Limits,
  start: (job: J) => Promise<void>,
  stopped: () => boolean = () => false,
): Promise<void> {
  const waiting = [...jobs];
  const running = new Map<J, Promise<void>>();
  while (true) {
    const job = stopped() ? undefined : nextJob(waiting, [...running.keys()], limits);
    if (job !== undefined) {
      waiting.splice(waiting.indexOf(job), 1);
      const ended = start(job).finally(() => running.delete(job));
      // Awaited below; a rejection must not be unhandled until then.
      ended.catch(() => undefined);
      running.set(job, ended);
    } else if (running.size > 0) await Promise.race(running.values());
    else return;
  }
}

/** When the last of jobs with known lengths ends, started by the same rule. */
export function lengthOf<J extends Job & { readonly seconds: number }>(jobs: readonly J[], limits: Limits): number {
  const waiting = [...jobs];
  let running: { readonly job: J; readonly end: number }[] = [];
  let now = 0;
  for (;;) {
    const job = nextJob(
      waiting,
      running.map((r) => r.job),
      limits,
    );
    if (job !== undefined) {
      waiting.splice(waiting.indexOf(job), 1);
      running.push({ job, end: now + job.seconds });
    } else if (running.length > 0) {
      now = Math.min(...running.map(({ end }) => end));
      running = running.filter(({ end }) => end > now);
    } else return now;
  }
}
