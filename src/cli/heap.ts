/**
 * V8 settings of a crawl, for the whole process. Only the command line makes them: a program that uses the library has its own.
 *
 * They are made once the code of all threads has been loaded. Any of these flags tells V8 that compiled code that was cached under other flags, of
 * this program and of Node itself, may not be used: 25 ms a thread, at the start. What is loaded later is compiled anew.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * Bytes that a function of WebAssembly runs through, about, before it is compiled once more and better. In the HTTP parser (undici's
 * llhttp) one function is so large that this takes 0.13 s of CPU and 40 MB, and jumps so far that it gets through V8's own 13 MB
 * with its first answer or two. With nearly all that the flag can hold, runs of up to some 200 pages are spared that.
 */
const WASM_TIERING_BUDGET = 2_000_000_000;

/** For the rest of the process. Call it when the threads are up. */
export function settleHeap(): void {
  // The young generation, grown by bin/start.js, stays as it is: at V8's largest size, 16 MB, the threads take 90 MB more.
  setFlagsFromString('--semi-space-growth-factor=1');
  // Old generations at most double between two full collections. V8's own rule lets the one of this thread grow four-fold, and
  // so the peak depended on how long a run was: 248 MB at 10,000 URLs, 321 at 300,000. It costs no CPU that could be measured.
  setFlagsFromString('--heap-growing-percent=100');
  setFlagsFromString(`--wasm-tiering-budget=${WASM_TIERING_BUDGET}`);
}
