/** The event file beside the log: it says what the log says, whatever becomes of the run. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeEvents } from '../targets/tensorboard/encode-events.js';
import { readMetrics } from './metrics.js';
import { scalarsOf } from './scalars.js';
import { testFolders } from './test-folders.js';
import { fault, file, stopAfter } from './test-runs.js';
import { tinyRun } from './test-support.js';
import { train } from './trainer.js';

const { home } = testFolders();
const folder = (): string => join(home(), 'run');
const events = (): string => join(home(), 'events');
const eventFile = (number: number): string => join(events(), `events.out.tfevents.${number}.rnnc`);
/** The event file of all lines that the log holds now. */
const expected = (): Buffer => {
  const lines = readMetrics(file(folder(), 'metrics').toString());
  return Buffer.from(encodeEvents(scalarsOf(lines)));
};

it('grows with the log, line by line', async () => {
  let seen = 0;
  await train(
    tinyRun(folder(), {
      tensorboard: events(),
      progress: (event) => {
        if (event.kind !== 'checkpoint') return;
        expect(readFileSync(eventFile(0))).toEqual(expected());
        seen++;
      },
    }),
  );
  expect(seen).toBeGreaterThan(5);
  expect(readFileSync(eventFile(0))).toEqual(expected());
});

it('a resumed run begins a new file with the lines that were kept', async () => {
  await train(tinyRun(folder(), { tensorboard: events(), ...stopAfter(11) }));
  await train(tinyRun(folder(), { tensorboard: events() }));
  expect(readdirSync(events())).toHaveLength(2);
  expect(readFileSync(eventFile(1))).toEqual(expected());
});

it('files of others in the folder are left alone', async () => {
  await train(tinyRun(folder(), stopAfter(1)));
  const other = 'events.out.tfevents.99.elsewhere';
  await train(tinyRun(folder(), { tensorboard: events(), ...stopAfter(1) }));
  writeFileSync(join(events(), other), 'x');
  await train(tinyRun(folder(), { tensorboard: events() }));
  expect(readdirSync(events()).sort()).toEqual([other, ...[0, 1].map((n) => `events.out.tfevents.${n}.rnnc`)].sort());
});

it('a folder that cannot be made is refused before the first step', async () => {
  writeFileSync(join(home(), 'file'), '');
  const tensorboard = join(home(), 'file', 'events');
  const { message, hint } = await fault(train(tinyRun(folder(), { tensorboard })));
  expect(message).toBe(`cannot write the event file in ${tensorboard}: a part of the path is not a folder`);
  expect(hint).toBe('choose another folder with --tensorboard');
});
