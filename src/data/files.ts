/**
 * The door of this room to the disk: lists a data folder and reads its files piece by piece. It never holds a whole
 * file, never writes, and knows nothing about what is in the files.
 */
import { closeSync, type Dirent, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { Fault } from '../support/fault.js';
import { count } from '../support/units.js';
import type { DataFile } from './corpus.js';

const chunkBytes = 1 << 20;

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'it does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'reading it is not permitted';
  if (code === 'EISDIR') return 'it is a folder, not a file';
  return error instanceof Error ? error.message : String(error);
};

/** Names of the visible files in a data folder, in alphabetic order. */
export const listFiles = (directory: string): string[] => list(directory, (entry) => !entry.isDirectory());

/** Names of the visible folders in a data folder, in alphabetic order. */
export const listFolders = (directory: string): string[] => list(directory, (entry) => entry.isDirectory());

function list(directory: string, wanted: (entry: Dirent) => boolean): string[] {
  const hint = 'give the folder that holds the splits with `--data DIR`';
  try {
    if (!statSync(directory).isDirectory())
      throw new Fault('data/not-a-folder', `data folder ${directory} is a file, not a folder`, hint);
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => wanted(entry) && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('data/no-folder', `cannot read the data folder ${directory}: ${reasonOf(error)}`, hint);
  }
}

/** Size and age of a file, to be taken before it is read. */
export function describeFile(path: string): DataFile {
  try {
    const { size, mtimeMs } = statSync(path);
    return { path, bytes: size, modified: mtimeMs };
  } catch (error) {
    throw new Fault('data/unreadable', `cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** Refuses files that are not as they were when they were read, by size and time of change. */
export function refuseChanged(files: readonly DataFile[]): void {
  const hint = 'put the old file back, or start anew with `--restart`; with the same contents the same command goes on';
  const refuse = (path: string, how: string): never => {
    throw new Fault('data/changed', `${path} changed under the run: ${how}`, hint);
  };
  for (const { path, bytes, modified } of files) {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now === undefined) refuse(path, 'it is gone');
    else if (now.size !== bytes) refuse(path, `it had ${count(bytes)} bytes, now it has ${count(now.size)}`);
    else if (now.mtimeMs !== modified) refuse(path, `it was written at ${new Date(now.mtimeMs).toISOString()}`);
  }
}

/** The bytes of a file in order, at most 1 MiB at a time. A chunk is valid until the next is asked for. */
export function* readChunks(path: string): Generator<Uint8Array, void, void> {
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    const buffer = new Uint8Array(chunkBytes);
    for (;;) {
      const got = readSync(handle, buffer, 0, chunkBytes, null);
      if (got === 0) return;
      yield buffer.subarray(0, got);
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw new Fault('data/unreadable', `cannot read ${path}: ${reasonOf(error)}`);
    throw error;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
