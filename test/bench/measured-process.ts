/**
 * Runs a program as a process of its own and tells what it cost, every process that it starts included: wall time from start
 * to exit, CPU, peak memory. Time and CPU are bash's `time`, the kernel's own account of a process and all its children.
 * Memory is the kernel's high-water mark of each process of the tree, read every 20 ms: what grows in the last 20 ms is missed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';

export interface Measured {
  /** From the start of the process to its end: loading the program counts. */
  readonly wallMs: number;
  /** User and system time of the whole tree. */
  readonly cpuSeconds: number;
  /** Of all processes of the tree together. */
  readonly peakRssBytes: number;
  /** Processors that others kept busy meanwhile, on average: the servers, and whatever else the machine had to do. */
  readonly othersCores: number;
  readonly stdout: string;
}

export interface Program {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How a run ended that was allowed to fail. */
export interface Ended extends Measured {
  /** Exit code or signal; 'limit' when it was stopped because it took too long. */
  readonly end: number | string;
  readonly stderr: string;
}

const SAMPLE_MS = 20;
/** `$0` takes the figures; the program's own stderr stays its own. */
const SCRIPT = `exec 3>&2 2>"$0"; TIMEFORMAT='%3R %3U %3S'; time "$@" 2>&3 3>&-`;

/** Runs `node args`; `folder` takes the small file with the figures. @throws Error when the program fails. */
export async function measure(args: readonly string[], folder: string): Promise<Measured> {
  const run = await measureProgram({ program: process.execPath, args }, folder, Number.POSITIVE_INFINITY);
  if (run.end !== 0) throw new Error(`node ${args.join(' ')} ended with ${run.end}\n${run.stderr}`);
  return run;
}

/** Runs any program, killed after `limitMs`; however it ends, that is told and not thrown. */
export async function measureProgram({ program, args, env }: Program, folder: string, limitMs: number): Promise<Ended> {
  const usageFile = join(folder, 'usage.txt');
  const child = spawn('bash', ['-c', SCRIPT, usageFile, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const forget = atExit(() => descendants(child.pid as number).forEach(kill));
  const peaks = new Map<number, number>();
  let limited = false;
  const startedAt = performance.now();
  const busyBefore = busySeconds();
  const sampling = setInterval(() => {
    const tree = descendants(child.pid as number);
    for (const pid of tree) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, highWaterMark(pid)));
    if (performance.now() - startedAt < limitMs) return;
    limited = true;
    for (const pid of tree) kill(pid);
  }, SAMPLE_MS);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ]);
  clearInterval(sampling);
  forget();
  const [busyMeanwhile, elapsedMs] = [busySeconds() - busyBefore, performance.now() - startedAt];
  const figures = (await readFile(usageFile, 'utf8')).trim().split('\n').at(-1) ?? '';
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = figures
    .split(' ')
    .map((seconds) => Number(seconds.replace(',', '.')));
  return {
    wallMs: wall * 1_000,
    cpuSeconds: user + system,
    peakRssBytes: [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0),
    othersCores: Math.max(0, busyMeanwhile - user - system) / (elapsedMs / 1_000),
    stdout,
    stderr,
    end: limited ? 'limit' : (code ?? signal ?? 'unknown'),
  };
}

/** Of all processors, since the machine was started. */
function busySeconds(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + (user + nice + sys + irq) / 1_000, 0);
}

/** The processes below `pid`, itself left out: it is bash. */
function descendants(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  const children = read(file).trim().split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function highWaterMark(pid: number): number {
  // VmHWM, not ru_maxrss: the latter starts at the size of the process that forked this one.
  const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** Empty once the process is gone. */
function read(file: string): string {
  if (!existsSync(file)) return '';
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself between the look and the shot.
  }
}
