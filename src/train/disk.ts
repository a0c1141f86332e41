/**
 * The door of this room to the disk, the clock and the process table. Tests put a disk in its place that fails at a
 * chosen moment. It knows nothing of what is in the files.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Fault } from '../support/fault.js';

/** What a run needs of the machine; tests put one in its place that fails at a chosen moment. */
export interface Disk {
  readonly makeFolder: (path: string) => void;
  /** Undefined when there is no such file. */
  readonly read: (path: string) => Uint8Array | undefined;
  /** Writes and syncs. With `fresh` it returns false when the file is already there. */
  readonly write: (path: string, bytes: Uint8Array, fresh?: boolean) => boolean;
  readonly append: (path: string, contents: string | Uint8Array) => void;
  /** Names of what a folder holds. */
  readonly list: (path: string) => readonly string[];
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

/** `ENOSPC`, or '' for what is no error of the system. */
export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

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
  append: (path, contents) => appendFileSync(path, contents),
  list: readdirSync,
  exists: existsSync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  // Windows cannot open a folder; there a rename needs no sync of it.
  syncFolder: (path) => process.platform !== 'win32' && synced(path, 'r', () => undefined),
  self: () => `${process.pid} ${startOf(process.pid)}`,
  runs: isRunning,
  seconds: () => performance.now() / 1000,
};

const freeSpace = (): string => 'free some space and give the same command again';
const largerFiles = (): string => 'raise the limit (`ulimit -f`) and give the same command again';
/** What to do where a folder cannot be used: `option` names another. */
export const elsewhere = (option = '--out'): string => `choose another folder with ${option}`;
/** Reason and hint for what happens to disks. */
const reasons: Readonly<Record<string, readonly [string, (option: string) => string]>> = {
  ENOSPC: ['the disk is full', freeSpace],
  EDQUOT: ['the quota of the disk is used up', freeSpace],
  EFBIG: ['a file would be larger than the system allows', largerFiles],
  EROFS: ['the disk cannot be written', elsewhere],
  EIO: ['the disk has a fault', elsewhere],
  EACCES: ['permission denied', elsewhere],
  EPERM: ['permission denied', elsewhere],
  ENOENT: ['no folder can be made there', elsewhere],
  ENOTDIR: ['a part of the path is not a folder', elsewhere],
  EISDIR: ['a folder is in the way of a file', elsewhere],
  EEXIST: ['something of that name is in the way', elsewhere],
};

/** Does something to `what`, a place that `option` names; a failure of the system becomes a fault of one line. */
export function guarded<T>(verb: string, what: string, act: () => T, option = '--out'): T {
  try {
    return act();
  } catch (error) {
    const code = codeOf(error);
    if (code === '') throw error;
    const [reason, hint] = reasons[code] ?? [(error as Error).message, undefined];
    throw new Fault('train/run-folder', `cannot ${verb} ${what}: ${reason}`, hint?.(option));
  }
}
