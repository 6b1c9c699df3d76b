/**
 * Export: writes files below one folder and nowhere else. In: the parts of a safe path, bytes. Out: what became of it.
 *
 * Invariants: every folder on the way is looked at (lstat) for each file, and none that is a link is entered; a new file is
 * made with O_EXCL, so nothing is overwritten and no link followed; replacing (`--force`) is a rename over a regular file; a file
 * that could not be written whole is removed. Not fsynced: what a crash of the machine takes, the same command writes again.
 */
import {
  closeSync,
  constants,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { ConfigError, StoreError } from '../model/errors.ts';

/**
 * `written`, also in place of another file; `same`: there already, with these very bytes; `kept`: another file is there;
 * `blocked`: a link, a folder or something else that is no file stands in the way.
 */
export type WriteResult = 'written' | 'same' | 'kept' | 'blocked';

export interface OutputFolderOptions {
  /** Replace regular files of other content. */
  readonly force: boolean;
  /** Never replaced: the database that is being read. */
  readonly protectedFiles: readonly string[];
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
/** Windows has none; O_EXCL refuses links there too. */
const NO_FOLLOW = (O_NOFOLLOW as number | undefined) ?? 0;

export class OutputFolder {
  readonly #root: string;
  readonly #options: OutputFolderOptions;

  /** Makes the folder where it is missing. The folder itself may be a link: the user named it. @throws {CrawlError} */
  constructor(folder: string, options: OutputFolderOptions) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
      throw new ConfigError([`${folder} is not a folder; name one for the files (--output DIR)`], 'ERR_USAGE');
    }
    this.#root = guarded(folder, () => {
      mkdirSync(folder, { recursive: true });
      return realpathSync(folder);
    });
    this.#options = options;
  }

  /** `fetchedAt` in ms since 1970 becomes the file's time. @throws {StoreError} where the disk does not take it. */
  write(parts: readonly string[], bytes: Uint8Array, fetchedAt: number): WriteResult {
    const target = path.join(this.#root, ...parts);
    return guarded(target, () => {
      let folder = this.#root;
      for (const part of parts.slice(0, -1)) {
        folder = path.join(folder, part);
        if (!makeFolder(folder)) return 'blocked';
      }
      const found = lstatSync(target, { throwIfNoEntry: false });
      if (found === undefined) createFile(target, bytes, fetchedAt);
      else if (!found.isFile()) return 'blocked';
      else if (found.size === bytes.byteLength && hasBytes(target, bytes)) return 'same';
      else if (!this.#options.force || this.#isProtected(found)) return 'kept';
      else replaceFile(target, bytes, fetchedAt);
      return 'written';
    });
  }

  #isProtected({ dev, ino }: Stats): boolean {
    return this.#options.protectedFiles.some((file) => {
      const stats = statSync(file, { throwIfNoEntry: false });
      return stats?.dev === dev && stats.ino === ino;
    });
  }
}

/** False where something else than a folder is there, a link to one included. */
function makeFolder(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) mkdirSync(folder);
  return found?.isDirectory() !== false;
}

function createFile(file: string, bytes: Uint8Array, fetchedAt: number): void {
  const descriptor = openSync(file, O_WRONLY | O_CREAT | O_EXCL | NO_FOLLOW, 0o666);
  try {
    try {
      for (let done = 0; done < bytes.byteLength;) done += writeSync(descriptor, bytes, done);
      futimesSync(descriptor, fetchedAt / 1000, fetchedAt / 1000);
    } finally {
      // Some file systems say only here that the disk is full.
      closeSync(descriptor);
    }
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** Either the old or the new content is there at every moment. */
function replaceFile(file: string, bytes: Uint8Array, fetchedAt: number): void {
  const partial = path.join(path.dirname(file), `.export-${String(process.pid)}.partial`);
  createFile(partial, bytes, fetchedAt);
  try {
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function hasBytes(file: string, bytes: Uint8Array): boolean {
  const descriptor = openSync(file, O_RDONLY | NO_FOLLOW);
  try {
    return Buffer.compare(readFileSync(descriptor), bytes) === 0;
  } finally {
    closeSync(descriptor);
  }
}

/** Turns what the file system throws into one line with its remedy. */
function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
    if (!(error instanceof Error) || code === '' || code.startsWith('ERR_')) throw error;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    const what = isFull
      ? `no space left on the disk of ${file}. Files already written are whole: free some space and run the same command again`
      : `${file} cannot be written; check the folder and its permissions, or name another with --output`;
    throw new StoreError(`${what} (${code}: ${error.message})`, { cause: error });
  }
}
