/**
 * The folder of one run. Files are written whole or not at all (temporary file, sync, rename, sync of the folder), the
 * checkpoint before the last is kept, and a lock keeps two runs apart. It knows nothing of what is in the files.
 */
import { join } from 'node:path';
import { Fault } from '../support/fault.js';
import { codeOf, type Disk, elsewhere, guarded, nodeDisk } from './disk.js';

/** Names of the files of a run. */
export const runFiles = {
  checkpoint: 'checkpoint.rnnc',
  previous: 'checkpoint.previous.rnnc',
  metrics: 'metrics.jsonl',
  weights: 'weights.safetensors',
  lock: 'run.lock',
} as const;
type RunFile = keyof typeof runFiles;

/** A checkpoint's bytes and where they lie. */
export interface SavedFile {
  readonly bytes: Uint8Array;
  readonly path: string;
}

/** The open folder of one run. */
export class RunFolder {
  readonly path: string;
  private readonly disk: Disk;

  /** Makes the folder when it is not there and takes its lock. */
  constructor(path: string, disk: Disk = nodeDisk) {
    this.path = path;
    this.disk = disk;
    this.guard('make', () => disk.makeFolder(path));
    this.takeLock();
  }

  fileOf(file: RunFile): string {
    return join(this.path, runFiles[file]);
  }

  private guard<T>(verb: string, act: () => T): T {
    return guarded(verb, `the run folder ${this.path}`, act);
  }

  private takeLock(): void {
    const lock = this.fileOf('lock');
    const mine = new TextEncoder().encode(this.disk.self());
    // A lock of a process that is no more is taken over; the second try decides a race for it.
    for (let attempt = 0; attempt < 2; attempt++) {
      if (this.guard('lock', () => this.disk.write(lock, mine, true))) return;
      const owner = this.ownerIn(lock);
      if (owner !== undefined && this.disk.runs(owner)) this.refuseLocked(owner);
      if (owner !== undefined) this.removeStale(lock, owner);
    }
    throw new Fault('train/locked', `another run took ${this.path} at the same moment`, elsewhere());
  }

  private ownerIn(lock: string): string | undefined {
    const bytes = this.guard('read', () => this.disk.read(lock));
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  private refuseLocked(owner: string): never {
    const message = `another run (process ${owner.split(' ')[0]}) is working in ${this.path}`;
    throw new Fault('train/locked', message, 'wait until it ends or choose another folder with --out');
  }

  /** Moved before it is removed: what lies there may by now be the lock of a run that was quicker. */
  private removeStale(lock: string, owner: string): void {
    const aside = `${lock}.${this.disk.self().split(' ')[0]}`;
    this.guard('unlock', () => this.renameIfThere(lock, aside));
    const moved = this.ownerIn(aside);
    if (moved !== undefined && moved !== owner) {
      this.guard('lock', () => this.disk.rename(aside, lock));
      this.refuseLocked(moved);
    }
    this.guard('unlock', () => this.disk.remove(aside));
  }

  private renameIfThere(from: string, to: string): void {
    try {
      this.disk.rename(from, to);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  /** Gives the lock back. */
  close(): void {
    this.guard('unlock', () => this.disk.remove(this.fileOf('lock')));
  }

  seconds(): number {
    return this.disk.seconds();
  }

  read(file: RunFile): Uint8Array | undefined {
    return this.guard('read', () => this.disk.read(this.fileOf(file)));
  }

  /** Writes a neighbour of a file that is to take its place; nothing is left of it when the disk is full. */
  private writeBeside(file: RunFile, bytes: Uint8Array): string {
    const temporary = `${this.fileOf(file)}.tmp`;
    try {
      this.disk.write(temporary, bytes);
    } catch (error) {
      if (codeOf(error) !== '') this.disk.remove(temporary);
      throw error;
    }
    return temporary;
  }

  /** Replaces a file: at every moment either the old one or the new one is there, whole. */
  replace(file: RunFile, bytes: Uint8Array): void {
    this.guard('write', () => {
      const temporary = this.writeBeside(file, bytes);
      this.disk.rename(temporary, this.fileOf(file));
      this.disk.syncFolder(this.path);
    });
  }

  append(file: RunFile, line: string): void {
    this.guard('write', () => this.disk.append(this.fileOf(file), `${line}\n`));
  }

  /** The newest whole checkpoint and where it is: the previous one when a crash came between the two renames. */
  readCheckpoint(): SavedFile | undefined {
    for (const file of ['checkpoint', 'previous'] as const) {
      const bytes = this.read(file);
      if (bytes !== undefined) return { bytes, path: this.fileOf(file) };
    }
    return undefined;
  }

  /** Writes the new checkpoint beside the last one, which becomes the previous one. */
  writeCheckpoint(bytes: Uint8Array): void {
    this.guard('write', () => {
      const temporary = this.writeBeside('checkpoint', bytes);
      if (this.disk.exists(this.fileOf('checkpoint')))
        this.disk.rename(this.fileOf('checkpoint'), this.fileOf('previous'));
      this.disk.rename(temporary, this.fileOf('checkpoint'));
      this.disk.syncFolder(this.path);
    });
  }

  /** Forgets all that a run left here. */
  clear(): void {
    this.guard('clear', () => {
      for (const file of ['checkpoint', 'previous', 'metrics', 'weights'] as const) this.disk.remove(this.fileOf(file));
    });
  }
}
