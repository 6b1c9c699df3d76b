/**
 * The file that a name stands for. SQLite follows symbolic links and puts `-wal` beside the file they lead to; what we put or look for
 * beside it (the lock, the WAL) has to be there too, or two runs that name one file differently would each have a lock of their own.
 */
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StoreError } from '../model/errors.ts';
import { toStoreError } from './store-failure.ts';

/**
 * `file` itself, or where it leads as a link, whether there is a file or not. @throws {StoreError} for what is there and is no file: a pipe
 * would be waited for, for ever, and beside a device SQLite would leave a journal.
 */
export function realFile(file: string): string {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found !== undefined && !found.isFile()) {
      const kind = found.isDirectory() ? 'a folder' : 'a device or a pipe';
      throw new StoreError(`${file} is ${kind}, not a database file; name a file with -o, or with --db to read one`);
    }
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return file;
    return found === undefined ? realFile(resolve(dirname(file), readlinkSync(file))) : realpathSync(file);
  } catch (error) {
    throw toStoreError(error, file);
  }
}
