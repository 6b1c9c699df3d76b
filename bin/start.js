/*
 * The launcher's second half, for a Node that is new enough. A checkout has src/ and runs it directly (Node strips the
 * types); the installed package has only dist/.
 */
import { existsSync } from 'node:fs';
import { enableCompileCache, getCompileCacheDir } from 'node:module';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

// Saves about a third of the start-up time from the second start on; where the cache cannot be written, nothing is lost.
enableCompileCache();
// Threads read it from the environment only: 0.15 s of CPU and 35 MB less for the two that every run starts.
const cache = getCompileCacheDir();
if (cache !== undefined) process.env.NODE_COMPILE_CACHE ??= cache;

// Young generations of 8 MB, and no larger: at V8's first size of 1 MB every collection copies the fetches that are in flight,
// at its largest the threads together take 90 MB more (10,000 pages with --parse none: 5 % less CPU than at 1 MB, and with
// defaults 0.82 s per 1,000 pages against 1.03; `npm run bench`). This thread's exists already, so it is made to grow once.
setFlagsFromString('--min-semi-space-size=8');
setFlagsFromString('--semi-space-growth-factor=8');
growYoungGeneration();
setFlagsFromString('--semi-space-growth-factor=1');
// Old generations at most double between two full collections. V8's own rule lets the one of this thread grow four-fold, and
// so the peak depended on how long a run was: 248 MB at 10,000 URLs, 321 at 300,000. It costs no CPU that could be measured.
setFlagsFromString('--heap-growing-percent=100');
// A young generation this small is collected by one thread as soon as by several that first have to wake each other, on cores
// that are busy with pages: 2 % less CPU and time for 10,000 pages with --parse none (median of 9 runs in turn).
setFlagsFromString('--no-parallel-scavenge');

const source = new URL('../src/cli/main.ts', import.meta.url);
const program = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url);
const { main } = await import(program.href);
await main(process.argv.slice(2));

/** Allocates until V8 has seen enough survive to give the young generation its next size: a millisecond or two. */
function growYoungGeneration() {
  const size = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? Infinity;
  const kept = [];
  for (let round = 0; round < 40 && size() < 8_000_000; round++) {
    for (let index = 0; index < 2_000; index++) kept.push({ round, index });
  }
}
