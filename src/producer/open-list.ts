/**
 * Checks one list, file or standard input, before anything runs, and makes its producer. In: a path or '-'. Out: the
 * producer, or one line that says what is wrong and what to do. A file that was only checked is not left open; a stream
 * stays open with what was read of it.
 */
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { CrawlError } from '../model/errors.ts';
import type { Producer } from '../model/seed.ts';
import { FileSource, PeekedSource, StreamSource, skipBytes } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';
import { MAGIC_BYTES, decompress, sniffCompression } from './compression.ts';
import { fileFingerprint } from './file-fingerprint.ts';
import { LineCursor, sniffEncoding } from './line-cursor.ts';
import { MAX_LINE_BYTES, hasContent, inspectHead, readHead } from './list-head.ts';
import { ListProducer } from './list-producer.ts';

export type OpenedList = { readonly producer: Producer } | { readonly problem: string };

/** Opens a list file. A named pipe or device (`--urls <(…)`) is read as a stream. */
export async function openListFile(file: string, urlColumn: string | number | null): Promise<OpenedList> {
  const path = resolve(file);
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return { problem: `${file} is a directory; name a file with one URL per line` };
    if (!stats.isFile()) return await openStream(file, path, createReadStream(path), urlColumn);
    await access(path, constants.R_OK);
    if (stats.size === 0) return { problem: `${file} is empty; it should hold one URL per line` };
    return await openRegularFile(file, path, stats.size, urlColumn);
  } catch (error) {
    return { problem: `${file} ${describeIoError(error)}` };
  }
}

/** Opens standard input. */
export async function openStdin(stdin: NodeJS.ReadableStream, urlColumn: string | number | null): Promise<OpenedList> {
  try {
    return await openStream('standard input', '-', stdin, urlColumn);
  } catch (error) {
    return { problem: `standard input ${describeIoError(error)}` };
  }
}

async function openRegularFile(
  file: string,
  path: string,
  sizeBytes: number,
  urlColumn: string | number | null,
): Promise<OpenedList> {
  const raw = await FileSource.open(path);
  let source: ByteSource = raw;
  try {
    const start = await raw.read();
    const compression = sniffCompression(start ?? new Uint8Array());
    source = decompress(new PeekedSource(start === null ? [] : [start], raw), compression);
    const { bytes, ended } = await readHead(source, false);
    const head = inspectHead(bytes, ended, basename(path), urlColumn);
    if (typeof head === 'string') return { problem: `${file} ${head}` };
    if (!(await holdsAnyLine(bytes, source, ended))) {
      return { problem: `${file} holds no URL, only blank lines and comments` };
    }
    const openAt = async (byteOffset: number) =>
      compression === 'none'
        ? FileSource.open(path, byteOffset)
        : skipBytes(decompress(await FileSource.open(path), compression), byteOffset);
    const identity = {
      kind: 'file',
      name: path,
      fingerprint: await fileFingerprint(path, sizeBytes),
      sizeBytes: compression === 'none' ? sizeBytes : null,
    } as const;
    return { producer: new ListProducer(identity, head, openAt) };
  } finally {
    await source.close();
  }
}

async function openStream(
  shown: string,
  name: string,
  stream: NodeJS.ReadableStream,
  urlColumn: string | number | null,
): Promise<OpenedList> {
  const raw = new StreamSource(stream);
  const start: Uint8Array[] = [];
  for (let length = 0; length < MAGIC_BYTES;) {
    const chunk = await raw.read();
    if (chunk === null) break;
    start.push(chunk);
    length += chunk.length;
  }
  const source = decompress(new PeekedSource(start, raw), sniffCompression(Buffer.concat(start)));
  const { bytes, ended } = await readHead(source, true);
  const head = inspectHead(bytes, ended, name === '-' ? null : basename(name), urlColumn);
  const problem =
    typeof head !== 'string' && ended && !(await holdsAnyLine(bytes, source, ended))
      ? 'holds no URL, only blank lines and comments'
      : head;
  if (typeof problem === 'string') {
    await source.close();
    return { problem: `${shown} ${problem}` };
  }
  let isTaken = false;
  const openOnce = (): Promise<ByteSource> => {
    if (isTaken) throw new CrawlError('ERR_CLOSED', `${shown} can be read only once`);
    isTaken = true;
    return Promise.resolve(new PeekedSource([bytes], source));
  };
  return { producer: new ListProducer({ kind: 'stdin', name, fingerprint: null, sizeBytes: null }, problem, openOnce) };
}

/** Whether a list has any line but blanks and comments: usually told by its head, else read on to the first one. */
async function holdsAnyLine(head: Buffer, source: ByteSource, headIsAll: boolean): Promise<boolean> {
  const cursor = new LineCursor(sniffEncoding(head), 0, MAX_LINE_BYTES.plain);
  cursor.push(head);
  if (headIsAll) cursor.push(null);
  while (!hasContent(cursor)) {
    if (cursor.isEnded) return false;
    cursor.push(await source.read());
  }
  return true;
}

function describeIoError(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return 'does not exist; check the path (it is relative to where you are)';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by you; check its permissions (chmod +r)';
  if (code === 'EISDIR') return 'is a directory; name a file with one URL per line';
  const message = error instanceof Error ? error.message : String(error);
  return typeof code === 'string' && /^(?:Z_|ZSTD_|ERR_ZLIB)/.test(code)
    ? `is damaged: it does not decompress (${message})`
    : `cannot be read: ${message}`;
}
