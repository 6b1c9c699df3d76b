/**
 * Runs `crawl` as a process of its own, exactly as a user would type it: the demo shows the program, not a special path
 * through it. Owns the child: whoever starts it waits for `ended`.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface CrawlProcess {
  /** Resolves to the exit code; 128 + the signal's number for a process that a signal ended. */
  readonly ended: Promise<number>;
  /** SIGKILL: no chance to save anything. */
  kill(): void;
}

/** Starts `crawl` with `args`, and `env` beside our own environment; it shares our terminal. */
export function startCrawlProcess(args: readonly string[], env: Readonly<Record<string, string>> = {}): CrawlProcess {
  // Two folders up from src/demo in the checkout, and from dist/demo in the installed package.
  const program = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));
  const child = spawn(process.execPath, [program, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  // Ctrl-C reaches both of us. The child drains and answers for both; we live on, since its server is our thread.
  const ignore = (): void => undefined;
  const forward = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', ignore);
  process.on('SIGTERM', forward);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  }).finally(() => {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', forward);
  });
  return { ended, kill: () => void child.kill('SIGKILL') };
}

/** How the user calls this program, for command lines that are to be typed. */
export function crawlWord(): string {
  return process.env['npm_command'] === 'exec' ? 'npx crawl' : 'crawl';
}
