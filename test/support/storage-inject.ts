/**
 * A crawl under strace, which makes one system call of its storage fail: the n-th of a kind among those that touch the
 * database, its WAL, its shared memory, its journal or the lock file. What a disk does once a year, at a chosen moment.
 */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { cliFolder, type CliFolder, type CliResult } from './cli.ts';
import { expectWholeList, snapshotOf } from './database-snapshot.ts';
import { startLatencyServer } from './latency-server.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));
const PAGES = 50;
/** By then it hangs, even on a machine busy with other things. */
const HANGS_MS = 300_000;
const DATABASE = 'list.db';
const LOG = 'strace.log';
const STACK_TRACE = /^\s+at .*:\d+/m;
const FILES = ['', '-wal', '-shm', '-journal', '.lock', '.lock-journal'];
/** What SQLite does to change files. */
export const STORAGE_CALLS = ['openat', 'write', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'unlink'] as const;
export type StorageCall = (typeof STORAGE_CALLS)[number];

interface Injection {
  readonly call: StorageCall;
  /** Which call of its thread fails, from 1. */
  readonly nth: number;
  readonly fault: string;
}

/** Why storage calls cannot be made to fail here; `null` where they can. */
export function whyNoInjection(): string | null {
  try {
    execFileSync('strace', ['-f', '--seccomp-bpf', '-qq', '-e', 'trace=openat', '-o', '/dev/null', 'true'], {
      stdio: 'pipe',
    });
    return null;
  } catch (error) {
    return `strace does not run here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export interface InjectedRuns {
  /** As strace has it: `error=EIO`, `retval=0` (a write that takes nothing). */
  readonly fault: string;
  /** More of the crawl's command line. */
  readonly flags: readonly string[];
  readonly calls: readonly StorageCall[];
  /** Every how manieth call fails, each in a run of its own. */
  readonly every: number;
}

/**
 * Plays a crawl once per call to fail, and the same command again after it. Every claim is an `expect`. Resolves to the
 * number of runs, and how many of them gave up.
 */
export async function injectedRuns(options: InjectedRuns): Promise<{ runs: number; refused: number }> {
  await using server = await startLatencyServer({ pages: PAGES });
  const args = ['--urls', 'list.txt', '-o', DATABASE, '-q', ...options.flags];
  const list = `${server.urls().join('\n')}\n`;
  const injections: (Injection | null)[] = await undisturbed(list, args, options);
  let refused = 0;
  for (const injection of injections) {
    await using folder = await cliFolder();
    await folder.write('list.txt', list);
    const end = await traced(folder, injection, args);
    const what = `${JSON.stringify(injection)}: ${end.stderr}`;
    expect(end.stderr, what).not.toMatch(STACK_TRACE);
    if (end.code === 0) expectWholeList(snapshotOf(join(folder.path, DATABASE)), server, what);
    else {
      refused++;
      expect(end, what).toMatchObject({ code: 5, signal: null, stderr: expect.stringContaining(DATABASE) });
    }
    expect(await folder.crawlWith({ timeoutMs: HANGS_MS }, ...args), `again after ${what}`).toMatchObject({
      code: 0,
      stderr: '',
    });
    expectWholeList(snapshotOf(join(folder.path, DATABASE)), server, `again after ${what}`);
  }
  return { runs: injections.length, refused };
}

/** A run in which nothing fails, to count its calls: one injection for each that is to fail. */
async function undisturbed(
  list: string,
  args: readonly string[],
  { calls, fault, every }: InjectedRuns,
): Promise<Injection[]> {
  await using folder = await cliFolder();
  await folder.write('list.txt', list);
  expect(await traced(folder, null, args)).toMatchObject({ code: 0, stderr: '' });
  const log = readFileSync(join(folder.path, LOG), 'utf8').split('\n');
  return calls
    .flatMap((call) => {
      const count = log.filter((line) => line.includes(` ${call}(`)).length;
      return Array.from({ length: count }, (_, n) => ({ call, nth: n + 1, fault }));
    })
    .filter((_, n) => n % every === every - 1);
}

/** Runs `crawl` under strace; without an injection it only writes the log. */
function traced(folder: CliFolder, injection: Injection | null, args: readonly string[]): Promise<CliResult> {
  const inject = injection === null ? [] : ['-e', `inject=${injection.call}:${injection.fault}:when=${injection.nth}`];
  const paths = FILES.flatMap((suffix) => ['-P', join(realpathSync(folder.path), DATABASE + suffix)]);
  const strace = ['-f', '--seccomp-bpf', '-qq', '-e', 'signal=none', '-e', `trace=${STORAGE_CALLS.join(',')}`];
  const command = [...strace, ...inject, ...paths, '-o', LOG, process.execPath, PROGRAM];
  return new Promise((resolve) => {
    const options = { cwd: folder.path, timeout: HANGS_MS, killSignal: 'SIGKILL' as const };
    const child = execFile('strace', [...command, ...args], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
    );
  });
}
