/**
 * An eye on the disk under the database, off the page path: one asynchronous system call every two seconds.
 *
 * In: the file, the least free space that a run leaves, a clock. Out: `isLow`, during which no new URL is started and no line
 * imported, while what is in flight is finished and committed (the floor leaves room for that). Whoever starts it stops it;
 * stopping lets everybody go on.
 */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../model/clock.ts';
import { bytes } from '../report/numbers.ts';

const LOOK_MS = 2_000;
/** A pause ends only with a tenth more space than it begins at: it must not flap with every commit. */
const RESUME_SHARE = 0.1;

export interface StorageWatchOptions {
  readonly file: string;
  /** Bytes; 0 = no floor. */
  readonly minFree: number;
  readonly clock: Clock;
  readonly warn: (key: string, message: string) => void;
  /** A pause has begun, with its reason, or ended: `null`. */
  readonly onPause: (reason: string | null) => void;
  /** What tests replace. */
  readonly disk?: Disk;
}

export interface Disk {
  /** Bytes free for us on the file system of `folder`; `null` where it does not say. */
  freeBytes(folder: string): Promise<number | null>;
}

export class StorageWatch {
  readonly #options: StorageWatchOptions;
  readonly #disk: Disk;
  #pause: PromiseWithResolvers<void> | null = null;
  #timer: Timer | null = null;
  #stopped = false;

  constructor(options: StorageWatchOptions) {
    this.#options = options;
    this.#disk = options.disk ?? DISK;
  }

  /** Whether there is too little space to start anything new. */
  get isLow(): boolean {
    return this.#pause !== null;
  }

  /** Resolves when there is space, or nobody cares any more. */
  async space(): Promise<void> {
    await this.#pause?.promise;
  }

  /** Takes the first look, and then one every two seconds. */
  async start(): Promise<void> {
    await this.#look();
    this.#lookSoon();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#pause?.resolve();
    this.#pause = null;
  }

  #lookSoon(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.after(LOOK_MS, () => void this.#look().finally(() => this.#lookSoon()));
  }

  async #look(): Promise<void> {
    const { file, minFree } = this.#options;
    const free = minFree > 0 ? await this.#disk.freeBytes(dirname(file)) : null;
    if (free !== null && !this.#stopped) this.#judge(free);
  }

  #judge(free: number): void {
    const { file, minFree, warn, onPause } = this.#options;
    if (this.#pause === null && free < minFree) {
      this.#pause = Promise.withResolvers();
      const reason = `only ${bytes(free)} are free on the disk of ${file}, less than ${bytes(minFree)}`;
      warn(
        'low-disk',
        `${reason}: nothing new is started until there is more. Free some space, or lower the floor with --set storage.min-free=SIZE`,
      );
      onPause(reason);
    } else if (this.#pause !== null && free >= minFree + minFree * RESUME_SHARE) {
      this.#pause.resolve();
      this.#pause = null;
      onPause(null);
    }
  }
}

const DISK: Disk = {
  async freeBytes(folder) {
    try {
      const { bavail, bsize, blocks } = await statfs(folder);
      // Some network file systems say 0 of 0.
      return blocks === 0 ? null : bavail * bsize;
    } catch {
      return null;
    }
  },
};
