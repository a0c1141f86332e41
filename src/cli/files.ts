/** Reading programs and writing results: every fault of the disk becomes one line, nothing is left half-written. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { Fault } from '../support/fault.js';
import type { OutputFile } from '../targets/output-file.js';
import { makeFolders } from '../train/disk.js';

/** "no such file or folder", "permission denied": the system's reason in words. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is not a folder',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EEXIST: 'something of that name is in the way',
  };
  return known[code ?? ''] ?? (code === undefined ? (error as Error).message : code);
}

/** The text of a file; undefined when there is none. */
export function readTextIfThere(path: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof TypeError) throw new Fault('file/not-text', `${path} is not UTF-8 text`);
    throw new Fault('file/unreadable', `cannot read ${path}: ${reasonOf(error)}`);
  }
}

export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Fault('file/unreadable', `cannot read ${path}: ${reasonOf(error)}`);
  }
}

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
export const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** Names in a folder, sorted; [] when it is not there. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

export function makeFolder(folder: string): void {
  try {
    makeFolders(folder);
  } catch (error) {
    throw new Fault(
      'file/unwritable',
      `cannot make the folder ${folder}: ${reasonOf(error)}`,
      'choose another with --out',
    );
  }
}

/** Writes one file through a temporary neighbour, so that it is there whole or not at all. */
export function writeWhole(path: string, contents: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Fault('file/unwritable', `cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** Replaces `folder` by exactly `files` (their paths relative to it): the old folder stays until the new is whole. */
export function writeFolder(folder: string, files: readonly OutputFile[]): void {
  makeFolder(dirname(folder));
  let fresh: string | undefined;
  try {
    fresh = join(dirname(folder), `.${basename(folder)}.${process.pid}.tmp`);
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh);
    for (const file of files) {
      const path = join(fresh, file.path);
      makeFolders(dirname(path));
      writeFileSync(path, file.contents);
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    if (fresh !== undefined) rmSync(fresh, { recursive: true, force: true });
    throw new Fault('file/unwritable', `cannot write ${folder}: ${reasonOf(error)}`, 'choose another with --out');
  }
}

/** A path as a person would type it from `folder`. */
export function shortPath(folder: string, path: string): string {
  const short = relative(folder, path);
  return short === '' ? '.' : short.startsWith('..') ? path : short;
}
