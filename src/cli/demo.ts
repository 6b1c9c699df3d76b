/** Command line: `crawl demo`. The demo itself is in `demo/`. */
import type { Invocation } from './command.ts';

/** Resolves to the demo's exit code. */
export async function demoCommand({ flags }: Invocation): Promise<number> {
  const { runDemo } = await import('../demo/command.ts');
  return await runDemo({
    serve: flags['serve'] === true,
    slow: flags['slow'] === true,
    crash: flags['crash'] === true,
    faults: flags['faults'] === true,
    json: flags['json'] === true,
  });
}
