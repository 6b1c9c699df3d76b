/** Temporary folders of the benchmarks: in memory where there is a tmpfs, so that no disk is measured unasked. */
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { atExit } from './at-exit.ts';

const TMPFS = '/dev/shm';

let base = existsSync(TMPFS) ? TMPFS : tmpdir();

/** Has all work folders made in `folder`, which exists. */
export function workIn(folder: string): void {
  base = resolve(folder);
}

/** Whether what is stored is stored in memory. */
export function isInMemory(): boolean {
  return base === TMPFS || base.startsWith(`${TMPFS}/`);
}

/** A new, empty folder. Whoever asks for it removes it when it is done; at the latest it goes with the process. */
export async function makeWorkFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(base, `weir-bench-${name}-`));
  atExit(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
