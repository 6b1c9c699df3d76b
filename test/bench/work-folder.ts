/** Temporary folders of the benchmarks: in memory where there is a tmpfs, so that no disk is measured by accident. */
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TMPFS = '/dev/shm';

/** Where work folders are made, and whether that is memory. */
export const workBase: { readonly folder: string; readonly inMemory: boolean } = existsSync(TMPFS)
  ? { folder: TMPFS, inMemory: true }
  : { folder: tmpdir(), inMemory: false };

/** A new, empty folder; whoever asks for it removes it. */
export function makeWorkFolder(name: string): Promise<string> {
  return mkdtemp(join(workBase.folder, `weir-bench-${name}-`));
}
