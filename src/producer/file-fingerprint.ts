/**
 * Tells whether a list is still the one that was read before: size and a SHA-256 of its first and last 64 KB. Not the
 * modification time (a copy or a `touch` changes it, the list stays the same) and not the path: a moved list is the same.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const END_BYTES = 65_536;

/** `<size>-<16 hex digits>`. Misses an edit in the middle that keeps the size; such an edit is not worth reading 1 GB for. */
export async function fileFingerprint(path: string, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(END_BYTES);
    for (const position of [0, Math.max(0, sizeBytes - END_BYTES)]) {
      const { bytesRead } = await handle.read(buffer, 0, END_BYTES, position);
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return `${sizeBytes}-${hash.digest('hex').slice(0, 16)}`;
}
