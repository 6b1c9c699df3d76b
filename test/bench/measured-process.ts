/** Runs a Node program as a process of its own and tells what it cost: wall time from start to exit, CPU, peak memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

export interface Measured {
  /** From the start of the process to its end: loading the program counts. */
  readonly wallMs: number;
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  readonly stdout: string;
}

const REPORTER = fileURLToPath(new URL('report-usage.ts', import.meta.url));

/** Runs `node args`; `folder` takes the small file with the figures. @throws Error when the program fails. */
export async function measure(args: readonly string[], folder: string): Promise<Measured> {
  const usageFile = join(folder, 'usage.json');
  await rm(usageFile, { force: true });
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', REPORTER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, WEIR_BENCH_USAGE: usageFile },
  });
  const exited = once(child, 'close');
  const stdout = await text(child.stdout);
  const [code, signal] = (await exited) as [number | null, string | null];
  const wallMs = performance.now() - startedAt;
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code ?? signal}`);
  const usage = JSON.parse(await readFile(usageFile, 'utf8')) as { cpuSeconds: number; peakRssBytes: number };
  return { wallMs, ...usage, stdout };
}
