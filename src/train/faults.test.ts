/** What happens around a run: the disk fills up, a data file changes, a validation is not finite. */
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCorpus } from '../data/load.js';
import { decodeCheckpoint } from './checkpoint.js';
import { guarded } from './disk.js';
import type { TrainOptions } from './options.js';
import { runFiles } from './run-folder.js';
import { testFolders } from './test-folders.js';
import { fault, file, often, remains } from './test-runs.js';
import { fullDisk, tinyRun, tinyTraining } from './test-support.js';
import { train } from './trainer.js';

const { fresh, home } = testFolders();

describe('a full disk', () => {
  it('at any write: one line, the last good checkpoint is whole and named, and the run goes on from it', async () => {
    const whole = fresh();
    await train(tinyRun(whole, often));
    let named = 0;
    // The lock is write 0; 4 checkpoints, 2 weight files at most and 7 lines follow.
    for (let moment = 1; moment < 12; moment++) {
      const folder = fresh();
      const error = await fault(train(tinyRun(folder, { ...often, disk: fullDisk(moment) })));
      expect(error.code).toBe('train/run-folder');
      expect(error.message).toContain(`cannot write the run folder ${folder}: the disk is full; `);
      expect(error.hint).toContain('free some space');
      expect(readdirSync(folder).filter((name) => name.endsWith('.tmp') || name === runFiles.lock)).toEqual([]);
      const good = /the last good checkpoint is of step (\d+): (.*)$/.exec(error.message);
      if (good === null) expect(error.message).toContain('no checkpoint was written yet');
      else {
        named++;
        expect(good[2]).toBe(join(folder, runFiles.checkpoint));
        expect(decodeCheckpoint(file(folder, 'checkpoint'), 'here').position.step).toBe(Number(good[1]));
      }
      await train(tinyRun(folder, often));
      expect(remains(folder)).toEqual(remains(whole));
    }
    expect(named).toBeGreaterThan(5);
  });

  it('at the lock', async () => {
    const error = await fault(train(tinyRun(fresh(), { disk: fullDisk(0) })));
    expect(error.message).toMatch(/cannot lock the run folder .*: the disk is full$/);
  });
});

describe('a data file that changes under the run', () => {
  const text = 'a b c d\nb c a d\n'.repeat(20);
  const write = (): void => {
    mkdirSync(join(home(), 'data'), { recursive: true });
    for (const split of ['train', 'valid', 'test']) writeFileSync(join(home(), 'data', `${split}.txt`), text);
  };
  const options = (folder: string, change: Partial<TrainOptions> = {}): TrainOptions => {
    const directory = join(home(), 'data');
    const loader = { kind: 'text', directory, batch: 2, unroll: 5, unit: 'word', lower: false } as const;
    const corpus = loadCorpus(loader, { programFolder: home(), vocabulary: 6, seed: 1 });
    const training = { ...tinyTraining, loader, sparsity: { ...tinyTraining.sparsity!, every: 3 } };
    return tinyRun(folder, { training, corpus, ...change });
  };
  /** Changes something when the second epoch begins. */
  const changing = (act: () => void): Pick<TrainOptions, 'progress'> => ({
    progress: (event) => {
      if (event.kind === 'evaluating' && event.done === event.total) act();
    },
  });
  const valid = (): string => join(home(), 'data', 'valid.txt');

  it.each([
    ['grows', () => writeFileSync(valid(), `${text}a\n`), /valid\.txt changed .*: it had 320 bytes, now it has 322; /],
    ['is gone', () => rmSync(valid()), /valid\.txt changed under the run: it is gone; /],
    [
      'is written anew',
      () => utimesSync(valid(), new Date(), new Date('2031-02-03T04:05:06Z')),
      /valid\.txt changed under the run: it was written at 2031-02-03T04:05:06\.000Z; /,
    ],
  ])('%s: stops at the next epoch with a checkpoint', async (_, act, message) => {
    write();
    const whole = fresh();
    await train(options(whole));
    const folder = fresh();
    const error = await fault(train(options(folder, changing(act))));
    expect(error.code).toBe('data/changed');
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/the last good checkpoint is of step \d+: .*checkpoint\.rnnc$/);
    expect(error.hint).toContain('put the old file back');
    // The same contents, at whatever time: the run goes on as if nothing had been.
    write();
    await train(options(folder));
    expect(remains(folder)).toEqual(remains(whole));
  });

  it('and is other text when the run is resumed', async () => {
    write();
    const folder = fresh();
    await fault(
      train(
        options(
          folder,
          changing(() => writeFileSync(valid(), 'a a a\n')),
        ),
      ),
    );
    expect(statSync(valid()).size).toBe(6);
    expect((await fault(train(options(folder)))).message).toContain('it was trained on other data');
  });
});

it('a file that would grow beyond the limit of the system: the limit is named', () => {
  const error = Object.assign(new Error('EFBIG: file too large, write'), { code: 'EFBIG' });
  const write = (): void => {
    throw error;
  };
  expect(() => guarded('write', 'the run folder', write)).toThrow(
    expect.objectContaining({
      message: 'cannot write the run folder: a file would be larger than the system allows',
      hint: 'raise the limit (`ulimit -f`) and give the same command again',
    }),
  );
});
