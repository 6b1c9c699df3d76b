/**
 * V8 settings of a crawl, for the whole process. Only the command line makes them: a program that uses the library has its own.
 *
 * Any of these flags tells V8 that compiled code that was cached under other flags, of this program and of Node itself, may not be
 * used: 25 ms a thread, at the start. So they stay for a moment only, or are set once the code of all threads has been loaded.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const YOUNG_GENERATION_BYTES = 16_000_000;

/**
 * Bytes that a function of WebAssembly runs through, about, before it is compiled once more and better. In the HTTP parser (undici's
 * llhttp) one function is so large that this takes 0.13 s of CPU and 40 MB, and jumps so far that it gets through V8's own 13 MB
 * with its first answer or two. With nearly all that the flag can hold, runs of up to some 200 pages are spared that.
 */
const WASM_TIERING_BUDGET = 2_000_000_000;

/**
 * Makes the young generation of this thread 16 MB large, V8's largest, for good: at its first size of 1 MB every collection copies
 * the fetches that are in flight (10,000 pages with --parse none: 5 % less CPU at 8 MB than at 1, 4 % less again at 16; `npm run
 * bench`). It grows when V8 has seen enough survive, in two collections. Call it before there are other threads: theirs would grow, too.
 */
export function growYoungGeneration(): void {
  setFlagsFromString('--min-semi-space-size=16');
  setFlagsFromString('--semi-space-growth-factor=16');
  const kept: unknown[] = []; // large pieces: a loop that is long enough gets compiled, on both cores
  while (kept.length < 100 && youngCapacity() < YOUNG_GENERATION_BYTES) kept.push(Array.from({ length: 4_000 }));
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--min-semi-space-size=0');
}

/** What fits into it. Newer versions of V8 take the memory only when it is used, so its size says less. */
function youngCapacity(): number {
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
  return young === undefined ? Infinity : young.space_used_size + young.space_available_size;
}

/** For the rest of the process. Call it when the threads are up. */
export function settleHeap(): void {
  // Those of the other threads stay small: at 16 MB each they take 90 MB more.
  setFlagsFromString('--semi-space-growth-factor=1');
  // Old generations at most double between two full collections. V8's own rule lets the one of this thread grow four-fold, and
  // so the peak depended on how long a run was: 248 MB at 10,000 URLs, 321 at 300,000. It costs no CPU that could be measured.
  setFlagsFromString('--heap-growing-percent=100');
  setFlagsFromString(`--wasm-tiering-budget=${WASM_TIERING_BUDGET}`);
}
