import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../support/fault.js';
import { readSafetensors } from '../targets/safetensors/read.js';
import { size } from '../tensor/shape.js';
import type { FloatTensor } from '../tensor/tensor.js';
import { decodeCheckpoint } from './checkpoint.js';
import { type Disk, nodeDisk } from './disk.js';
import type { TrainEvent } from './events.js';
import { runFiles } from './run-folder.js';
import { testFolders } from './test-folders.js';
import { fault, file, remains, stopAfter } from './test-runs.js';
import { oracleEngine, tinyRun, tinyTraining } from './test-support.js';
import { train } from './trainer.js';

const { fresh, home } = testFolders();
describe('refusals', () => {
  const halfway = async (): Promise<string> => {
    const folder = fresh();
    await train(tinyRun(folder, stopAfter(11)));
    return folder;
  };
  const damage = (folder: string, change: (bytes: Buffer) => Uint8Array): void =>
    writeFileSync(join(folder, runFiles.checkpoint), change(file(folder, 'checkpoint')));

  it('a checkpoint that was cut short or altered, and the previous one still works', async () => {
    const whole = fresh();
    await train(tinyRun(whole));
    const folder = await halfway();
    for (const length of [0, 5, 20, 60, 900]) {
      const sound = file(folder, 'checkpoint');
      damage(folder, (bytes) => bytes.subarray(0, length));
      expect(await fault(train(tinyRun(folder)))).toMatchObject({ message: expect.stringContaining('cut short') });
      expect(file(folder, 'checkpoint')).toHaveLength(length);
      damage(folder, () => sound);
    }
    for (const at of [20, 70, 400, -1]) {
      const sound = file(folder, 'checkpoint');
      damage(folder, (bytes) => {
        const altered = Buffer.from(bytes);
        altered.writeUInt8(altered.at(at)! ^ 1, at < 0 ? altered.length + at : at);
        return altered;
      });
      expect(await fault(train(tinyRun(folder)))).toMatchObject({ message: expect.stringContaining('altered') });
      damage(folder, () => sound);
    }
    damage(folder, () => Buffer.from('something else altogether, long enough to hold a head of 48 bytes'));
    expect((await fault(train(tinyRun(folder)))).message).toContain('not a checkpoint');
    damage(folder, () => file(folder, 'previous'));
    await train(tinyRun(folder));
    expect(remains(folder)).toEqual(remains(whole));
  });

  it('a damaged checkpoint names the one before it, when that one is whole', async () => {
    const folder = await halfway();
    damage(folder, (bytes) => bytes.subarray(0, 900));
    const [damaged, previous] = [join(folder, runFiles.checkpoint), join(folder, runFiles.previous)];
    const named = await fault(train(tinyRun(folder)));
    expect(named.message).toMatch(/cut short: 852 of \d+ bytes; the one before it, of step 9, is whole: /);
    expect(named.message).toContain(previous);
    expect(named.hint).toContain(`mv ${previous} ${damaged}`);
    writeFileSync(previous, file(folder, 'previous').subarray(0, 900));
    const alone = await fault(train(tinyRun(folder)));
    expect(alone).toMatchObject({ code: 'train/bad-checkpoint', hint: 'start anew with `--restart`' });
    expect(alone.message).not.toContain('the one before');
  });

  it('a checkpoint of another program, other data or another seed', async () => {
    const folder = await halfway();
    const options = tinyRun(folder);
    const other = { ...options, identity: { ...options.identity, program: 'q'.repeat(64) } };
    expect((await fault(train(other))).message).toContain(
      'of another program (pppppppppppp, this one is qqqqqqqqqqqq)',
    );
    const data = { ...options, corpus: { ...options.corpus, hash: 'f'.repeat(64) } };
    expect((await fault(train(data))).message).toContain('trained on other data');
    const seed = { ...options, training: { ...tinyTraining, seed: 6 } };
    expect((await fault(train(seed))).message).toContain('it has seed 5, this run has seed 6');
    expect((await train(options)).finished).toBe(true);
  });

  it('tells when engine or compiler changed', async () => {
    const folder = await halfway();
    const notices: string[] = [];
    const engine = { ...oracleEngine(), name: 'another' };
    const progress = (event: TrainEvent): void => {
      if (event.kind === 'notice') notices.push(event.message);
    };
    await train(tinyRun(folder, { engine, progress, identity: { program: 'p'.repeat(64), compiler: '0.0.1' } }));
    expect(notices.join('; ')).toContain('made by rnnc 0.0.0, this is 0.0.1');
    expect(notices.join('; ')).toContain('made on oracle, this is another');
  });

  it('NaN and infinity, with the step, the tensor and the last good checkpoint', async () => {
    const folder = fresh();
    const lr = {
      kind: 'linear',
      start: 0.1,
      end: 1e39,
      from: { value: 11, unit: 'steps' },
      to: { value: 12, unit: 'steps' },
    } as const;
    const error = await fault(train(tinyRun(folder, { training: { ...tinyTraining, lr } })));
    expect(error.code).toBe('train/diverged');
    expect(error.message).toMatch(/step 14, first in embed\.E; the last good checkpoint is of step 12/);
    const { position, tensors } = decodeCheckpoint(file(folder, 'checkpoint'), 'here');
    expect(position.step).toBe(12);
    for (const { data } of tensors.values()) expect(data.every(Number.isFinite)).toBe(true);
  });

  it('two runs in one folder', async () => {
    const folder = fresh();
    let second: Fault | undefined;
    let asked = false;
    await train({
      ...tinyRun(folder),
      engine: {
        ...oracleEngine(),
        load: async (graph, options) => {
          if (!asked) {
            asked = true;
            second = await fault(train(tinyRun(folder)));
          }
          return oracleEngine().load(graph, options);
        },
      },
    });
    expect(second?.message).toContain(`another run (process ${process.pid}) is working in`);
    expect(readdirSync(folder)).not.toContain(runFiles.lock);
  });

  it('a lock of a process that is no more is taken over', async () => {
    const folder = fresh();
    await train(tinyRun(folder, stopAfter(2)));
    for (const left of ['', 'garbage', '4194999 12', `${process.pid} 1`]) {
      writeFileSync(join(folder, runFiles.lock), left);
      await train(tinyRun(folder, stopAfter(1)));
    }
    expect(readdirSync(folder)).not.toContain(runFiles.lock);
  });

  it('a lock that another run took while a stale one was looked at stays with that run', async () => {
    const folder = fresh();
    await train(tinyRun(folder, stopAfter(2)));
    const lock = join(folder, runFiles.lock);
    writeFileSync(lock, '4194999 12');
    const disk: Disk = {
      ...nodeDisk,
      rename: (from, to) => {
        if (from === lock) writeFileSync(lock, nodeDisk.self());
        nodeDisk.rename(from, to);
      },
    };
    const refused = await fault(train(tinyRun(folder, { disk })));
    expect(refused.message).toContain(`another run (process ${process.pid}) is working in`);
    expect(readFileSync(lock, 'utf8')).toBe(nodeDisk.self());
    expect(readdirSync(folder).filter((name) => name.startsWith(runFiles.lock))).toEqual([runFiles.lock]);
  });

  it('a folder that cannot be made, and too little text', async () => {
    writeFileSync(join(home(), 'file'), 'x');
    const refused = await fault(train(tinyRun(join(home(), 'file', 'run'))));
    expect(refused).toMatchObject({ code: 'train/run-folder', hint: 'choose another folder with --out' });
    expect(refused.message).toMatch(/a part of the path is not a folder$/);
    const loader = { ...tinyTraining.loader, batch: 20 };
    const tooLarge = tinyRun(fresh(), { training: { ...tinyTraining, loader } });
    expect((await fault(train(tooLarge))).message).toContain('has 97 tokens, one batch=20 x unroll=5 needs 100');
    expect(readdirSync(home())).not.toContain('run');
  });

  it("weights to start from that are not the program's", async () => {
    const first = fresh();
    await train(tinyRun(first));
    const sound = readSafetensors(file(first, 'weights')).tensors;
    const said = async (name: string, tensor: FloatTensor): Promise<string> => {
      const given = new Map<string, FloatTensor>([...sound, [name, tensor]]);
      return (await fault(train(tinyRun(fresh(), { start: { from: 'w.safetensors', read: () => given } })))).message;
    };
    const zeros = (...shape: number[]): FloatTensor => ({ shape, data: new Float32Array(size(shape)) });
    expect(await said('rnn.S', zeros(2, 2))).toContain('rnn.S has shape 2x2, the program has 4x4');
    expect(await said('rnn.X', zeros())).toContain('the program has no weight rnn.X');
    const odd = zeros(4, 4);
    odd.data[7] = Number.NaN;
    expect(await said('rnn.S', odd)).toContain('rnn.S holds NaN at index 7');
    const few = new Map([...sound].filter(([name]) => name !== 'next.b'));
    expect((await fault(train(tinyRun(fresh(), { start: { from: 'w.safetensors', read: () => few } })))).message).toBe(
      'cannot start from w.safetensors: it has no next.b',
    );
  });
});
