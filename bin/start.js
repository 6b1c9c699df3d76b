/*
 * The launcher's second half, for a Node that is new enough. A checkout has src/ and runs it directly (Node strips the
 * types); the installed package has only dist/.
 */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';

// Saves about a third of the start-up time from the second start on; where the cache cannot be written, nothing is lost.
enableCompileCache();

// The young generation stays at its first size, in all threads: pages are large and short-lived, and collecting them often
// costs nothing measurable, while V8's default growth adds about 90 MB to the peak (`node test/bench/memory.ts`).
setFlagsFromString('--semi-space-growth-factor=1');

const source = new URL('../src/cli/main.ts', import.meta.url);
const program = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url);
const { main } = await import(program.href);
await main(process.argv.slice(2));
