/** Memory for pages of megabytes: taken only as far as it is written, given back at once. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMarkedAsUntransferable } from 'node:worker_threads';

/** glibc maps larger blocks one by one and unmaps them when freed. What it does to smaller ones depends on what was freed before. */
const MAPPED_ALONE = 33 * 1024 * 1024;

/** The size to ask for where up to `bytes` may be needed: pages of memory that are never written take none. */
export function roomFor(bytes: number): number {
  return Math.max(bytes, MAPPED_ALONE);
}

/**
 * Frees bytes that nobody needs any more: what comes next is then written to memory that is still in the processor's cache.
 * Left to the garbage collector, which sees only their small handles, they pile up to 64 MB and bring on a full collection
 * every thousand pages. Every view of the same buffer becomes empty. What is released already stays so.
 */
export function release({ buffer }: Pick<ArrayBufferView, 'buffer'>): void {
  // Small ones stand in the pool that Node's buffers share.
  if (buffer instanceof ArrayBuffer && !buffer.detached && !isMarkedAsUntransferable(buffer)) buffer.transfer(0);
}

let gc: (() => void) | null = null;

/**
 * Frees what nobody holds any more and nobody can name to release it, such as what zlib has written before it found that it is too
 * much: 33 MB for each bomb, of which a dozen came together before V8 looked. A few milliseconds.
 */
export function collect(): void {
  if (gc === null) {
    // Only a context that is made after it has the function.
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  gc();
}
