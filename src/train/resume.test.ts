import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from './disk.js';
import { testFolders } from './test-folders.js';
import { often, remains, stopAfter, withRows } from './test-runs.js';
import { Crash, crashingDisk, tinyRun } from './test-support.js';
import { train } from './trainer.js';

const { fresh } = testFolders();
describe('resuming', () => {
  it.each([1, 4, 5, 9, 10, 17, 18, 26])('after a stop at step %i is bit-identical', async (steps) => {
    const whole = fresh();
    await train(tinyRun(whole, { training: withRows }));
    const parts = fresh();
    const first = await train(tinyRun(parts, { training: withRows, ...stopAfter(steps) }));
    expect(first).toMatchObject({ finished: false, step: steps });
    const second = await train(tinyRun(parts, { training: withRows }));
    expect(second.finished).toBe(true);
    expect(remains(parts)).toEqual(remains(whole));
  });

  it('after a stop in the middle of a validation is bit-identical', async () => {
    const whole = fresh();
    await train(tinyRun(whole));
    const parts = fresh();
    let windows = 0;
    const first = await train(
      tinyRun(parts, {
        progress: (event) => {
          if (event.kind === 'evaluating') windows++;
        },
        shouldStop: () => windows >= 2,
      }),
    );
    expect(first).toMatchObject({ finished: false, step: 9, epochsDone: 0 });
    await train(tinyRun(parts));
    expect(remains(parts)).toEqual(remains(whole));
  });

  it('in pieces of one step is bit-identical', async () => {
    const whole = fresh();
    await train(tinyRun(whole));
    const parts = fresh();
    let finished = false;
    for (let i = 0; i < 40 && !finished; i++) finished = (await train(tinyRun(parts, stopAfter(1)))).finished;
    expect(finished).toBe(true);
    expect(remains(parts)).toEqual(remains(whole));
  });

  it('a run that is over changes nothing', async () => {
    const folder = fresh();
    const first = await train(tinyRun(folder));
    const before = remains(folder);
    const again = await train(tinyRun(folder));
    expect(again.test).toEqual(first.test);
    expect(remains(folder)).toEqual(before);
  });

  it('after a crash at any write, rename or removal is bit-identical', async () => {
    const whole = fresh();
    await train(tinyRun(whole, often));
    let moments = 0;
    for (let crashed = true; crashed; moments++) {
      const folder = fresh();
      const disk = crashingDisk(moments);
      try {
        await train(tinyRun(folder, { ...often, disk }));
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
      crashed = disk.crashed();
      // The process is gone, its lock is still there.
      await train(tinyRun(folder, { ...often, disk: { ...nodeDisk, runs: () => false } }));
      expect(remains(folder)).toEqual(remains(whole));
      rmSync(folder, { recursive: true });
    }
    // Lock and unlock, 4 removals, 7 lines, 4 checkpoints of 2 or 3 writes and renames, 1 weight file; and one without.
    expect(moments).toBe(2 + 4 + 7 + 11 + 2 + 1);
  }, 30_000);

  it('starting anew forgets the old run', async () => {
    const folder = fresh();
    await train(tinyRun(folder, stopAfter(5)));
    const whole = fresh();
    await train(tinyRun(whole));
    await train(tinyRun(folder, { resume: false }));
    expect(remains(folder)).toEqual(remains(whole));
  });
});
