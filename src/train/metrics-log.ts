/**
 * Where a run logs: `metrics.jsonl` in its folder and, where one is wanted, a TensorBoard event file that grows with
 * it. The event file always says what the log says: a resumed run begins a new one with all lines that were kept.
 */
import { join } from 'node:path';
import { encodeEvents, encodeScalars } from '../targets/tensorboard/encode-events.js';
import { type Disk, guarded, nodeDisk } from './disk.js';
import { type MetricsLine, printMetrics, readMetrics } from './metrics.js';
import type { RunFolder } from './run-folder.js';
import { scalarsOf } from './scalars.js';

const option = '--tensorboard';
const named = /^events\.out\.tfevents\.(\d+)\.rnnc$/;

/** The event file that TensorBoard reads after all that rnnc wrote to this folder before. */
function nextFile(folder: string, disk: Disk): string {
  const numbers = disk.list(folder).map((name) => Number(named.exec(name)?.[1] ?? -1));
  return join(folder, `events.out.tfevents.${Math.max(-1, ...numbers) + 1}.rnnc`);
}

export class MetricsLog {
  private readonly folder: RunFolder;
  private readonly disk: Disk;
  private readonly events: string | undefined;

  /** To be opened when the log is as long as the run that goes on; `tensorboard` is a folder, made when not there. */
  constructor(folder: RunFolder, tensorboard: string | undefined, disk: Disk = nodeDisk) {
    this.folder = folder;
    this.disk = disk;
    this.events = tensorboard === undefined ? undefined : this.startEvents(tensorboard);
  }

  /** All that was logged so far. */
  lines(): readonly MetricsLine[] {
    return readMetrics(new TextDecoder().decode(this.folder.read('metrics')));
  }

  private startEvents(tensorboard: string): string {
    const lines = this.lines();
    const start = (): string => {
      this.disk.makeFolder(tensorboard);
      const path = nextFile(tensorboard, this.disk);
      this.disk.write(path, encodeEvents(scalarsOf(lines)));
      return path;
    };
    return guarded('write the event file in', tensorboard, start, option);
  }

  add(line: MetricsLine): void {
    this.folder.append('metrics', printMetrics(line));
    const { events } = this;
    if (events === undefined) return;
    const append = (): void => this.disk.append(events, encodeScalars(scalarsOf([line])));
    guarded('write the event file', events, append, option);
  }
}
