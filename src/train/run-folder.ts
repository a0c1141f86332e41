/**
 * The door of this room to the disk, the clock and the process table: the folder of one run. Files are written whole
 * or not at all (temporary file, sync, rename, sync of the folder), the checkpoint before the last is kept, and a lock
 * keeps two runs apart. It knows nothing of what is in the files.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Fault } from '../support/fault.js';

/** What a run needs of the machine; tests put one in its place that fails at a chosen moment. */
export interface Disk {
  readonly makeFolder: (path: string) => void;
  /** Undefined when there is no such file. */
  readonly read: (path: string) => Uint8Array | undefined;
  /** Writes and syncs. With `fresh` it returns false when the file is already there. */
  readonly write: (path: string, bytes: Uint8Array, fresh?: boolean) => boolean;
  readonly append: (path: string, text: string) => void;
  readonly exists: (path: string) => boolean;
  readonly rename: (from: string, to: string) => void;
  readonly remove: (path: string) => void;
  readonly syncFolder: (path: string) => void;
  /** Names this process among all processes that ever ran here. */
  readonly self: () => string;
  /** True when the process of that name still runs. */
  readonly runs: (process: string) => boolean;
  /** Seconds since some fixed moment. */
  readonly seconds: () => number;
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** When a process started, so that a number used again is not taken for the old process; '' where it cannot be had. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isRunning(name: string): boolean {
  const [pid = '', start = ''] = name.split(' ');
  if (!/^\d+$/.test(pid) || Number(pid) === 0) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if (codeOf(error) !== 'EPERM') return false;
  }
  const now = startOf(Number(pid));
  return start === '' || now === '' || start === now;
}

function synced(path: string, flags: string, write: (handle: number) => void): void {
  const handle = openSync(path, flags);
  try {
    write(handle);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeSynced(path: string, bytes: Uint8Array, fresh = false): boolean {
  try {
    synced(path, fresh ? 'wx' : 'w', (handle) => writeFileSync(handle, bytes));
    return true;
  } catch (error) {
    if (fresh && codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Makes a folder and those above it. Not by Node's `recursive`: that never returns where the system refuses a folder
 * with ENOENT, as under /proc.
 */
export function makeFolders(path: string): void {
  const isFolder = (): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder()) return;
  if (!existsSync(dirname(path))) makeFolders(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (codeOf(error) !== 'EEXIST' || !isFolder()) throw error;
  }
}

export const nodeDisk: Disk = {
  makeFolder: makeFolders,
  read: readIfThere,
  write: writeSynced,
  append: (path, text) => appendFileSync(path, text),
  exists: existsSync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  // Windows cannot open a folder; there a rename needs no sync of it.
  syncFolder: (path) => process.platform !== 'win32' && synced(path, 'r', () => undefined),
  self: () => `${process.pid} ${startOf(process.pid)}`,
  runs: isRunning,
  seconds: () => performance.now() / 1000,
};

/** Names of the files of a run. */
export const runFiles = {
  checkpoint: 'checkpoint.rnnc',
  previous: 'checkpoint.previous.rnnc',
  metrics: 'metrics.jsonl',
  weights: 'weights.safetensors',
  lock: 'run.lock',
} as const;
type RunFile = keyof typeof runFiles;

const freeSpace = 'free some space and give the same command again';
const elsewhere = 'choose another folder with --out';
/** Reason and hint for what happens to disks. */
const reasons: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', freeSpace],
  EDQUOT: ['the quota of the disk is used up', freeSpace],
  EROFS: ['the disk cannot be written', elsewhere],
  EIO: ['the disk has a fault', elsewhere],
  EACCES: ['permission denied', elsewhere],
  EPERM: ['permission denied', elsewhere],
  ENOENT: ['no folder can be made there', elsewhere],
  ENOTDIR: ['a part of the path is not a folder', elsewhere],
  EISDIR: ['a folder is in the way of a file', elsewhere],
  EEXIST: ['something of that name is in the way', elsewhere],
};

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
    try {
      return act();
    } catch (error) {
      const code = codeOf(error);
      if (code === '') throw error;
      const [reason, hint] = reasons[code] ?? [(error as Error).message, undefined];
      throw new Fault('train/run-folder', `cannot ${verb} the run folder ${this.path}: ${reason}`, hint);
    }
  }

  private takeLock(): void {
    const lock = this.fileOf('lock');
    const mine = new TextEncoder().encode(this.disk.self());
    // A lock of a process that is no more is taken over; the second try decides a race for it.
    for (let attempt = 0; attempt < 2; attempt++) {
      if (this.guard('lock', () => this.disk.write(lock, mine, true))) return;
      const owner = new TextDecoder().decode(this.guard('read', () => this.disk.read(lock)) ?? new Uint8Array());
      if (this.disk.runs(owner)) {
        throw new Fault(
          'train/locked',
          `another run (process ${owner.split(' ')[0]}) is working in ${this.path}`,
          'wait until it ends or choose another folder with --out',
        );
      }
      this.guard('unlock', () => this.disk.remove(lock));
    }
    throw new Fault('train/locked', `another run took ${this.path} at the same moment`, elsewhere);
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
  readCheckpoint(): { readonly bytes: Uint8Array; readonly path: string } | undefined {
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
