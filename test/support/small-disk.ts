/**
 * A disk of a few MB, to be filled: a tmpfs in a folder of its own. Mounting takes root; where that is refused, `whyNoSmallDisk` says
 * so and the test is skipped.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Takes this many bytes of the space; 0 gives all of it back. */
  ballast(bytes: number): void;
  /** Takes all the space. */
  fill(): void;
  /** Makes the disk larger or smaller. */
  resize(bytes: number): void;
}

/** Why no disk can be made here; `null` where it can. */
export function whyNoSmallDisk(): string | null {
  try {
    smallDisk(1_000_000)[Symbol.dispose]();
    return null;
  } catch (error) {
    return `a tmpfs cannot be mounted: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export function smallDisk(bytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'weir-small-disk-'));
  const mount = (...args: string[]): void => void execFileSync('mount', [...args, path], { stdio: 'pipe' });
  try {
    mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs');
  } catch (error) {
    rmdirSync(path);
    throw error;
  }
  const weight = join(path, 'ballast');
  return {
    path,
    fill: () => {
      const file = openSync(weight, 'w');
      try {
        for (;;) writeSync(file, Buffer.alloc(4_096));
      } catch {
        // Nothing more fits.
      } finally {
        closeSync(file);
      }
    },
    ballast: (size) => (size === 0 ? rmSync(weight, { force: true }) : writeFileSync(weight, Buffer.alloc(size))),
    resize: (size) => mount('-o', `remount,size=${size}`),
    [Symbol.dispose]: () => {
      execFileSync('umount', ['-l', path], { stdio: 'pipe' });
      rmdirSync(path);
    },
  };
}
