/**
 * Looks at the size of a database before it is opened: SQLite notices a file that was cut short (a copy that broke off, a disk
 * that was full) only when it comes upon the place, and until then writes to it.
 *
 * Throws an error with the code that SQLite has for the same. Harmless where a WAL or a journal stands beside the file: then it
 * may have any size, and SQLite puts it right (https://www.sqlite.org/fileformat2.html#the_database_header).
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/** @throws {Error} `SQLITE_NOTADB` for a file shorter than a header, `SQLITE_CORRUPT` for one that has fewer pages than its header says. */
export function refuseCutShort(file: string): void {
  const size = sizeOf(file);
  if (size === 0 || sizeOf(`${file}-wal`) > 0 || sizeOf(`${file}-journal`) > 0) return;
  if (size < HEADER_BYTES) throw coded('SQLITE_NOTADB', 'it is too short to be one');
  const header = readHeader(file);
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) return;
  // The count is only kept by a writer that leaves both counters alike.
  if (header.readUInt32BE(24) !== header.readUInt32BE(92)) return;
  const pageSize = header.readUInt16BE(16);
  const whole = header.readUInt32BE(28) * (pageSize === 1 ? 65_536 : pageSize);
  if (size < whole) throw coded('SQLITE_CORRUPT', `it is cut short: ${size} of ${whole} bytes`);
}

export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function readHeader(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    readSync(descriptor, header, 0, HEADER_BYTES, 0);
    return header;
  } finally {
    closeSync(descriptor);
  }
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
