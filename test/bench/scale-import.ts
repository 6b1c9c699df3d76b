/**
 * Imports a list with the program itself, beside a crawl that stands idle: one fetch is allowed in flight, and the server
 * never answers it. Tells what the whole process took and held until the last line was stored.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));
const LOOK_EVERY_MS = 25;
/** Of a kernel's clock tick: 100 a second on every Linux. */
const TICK_MS = 10;

export interface ImportRun {
  readonly lines: number;
  /** From the store's first look at the list to its last line committed. */
  readonly importMs: number;
  /** Processor time of the whole process in that time. */
  readonly cpuMs: number;
  /** From the start of the process to its first request; `null` where it made none. */
  readonly firstRequestMs: number | null;
  /** Highest memory of the whole process until then. */
  readonly peakRssBytes: number;
  /** From the first Ctrl-C to the end: the file is whole then. */
  readonly closeMs: number;
}

export interface SilentServer {
  readonly port: number;
  /** When the last request came (`performance.now()`). */
  requestAt(): number | null;
  close(): void;
}

/** Takes requests and answers none. */
export async function silentServer(): Promise<SilentServer> {
  let at: number | null = null;
  const server = createServer(() => {
    at = performance.now();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requestAt: () => at,
    close: () => {
      server.close().closeAllConnections();
    },
  };
}

/** Runs `crawl` on the list until all of it is in the file. @throws Error when the program ends before. */
export async function runImport(
  list: string,
  file: string,
  server: SilentServer,
  flags: readonly string[] = [],
): Promise<ImportRun> {
  const startedAt = performance.now();
  const args = [
    PROGRAM,
    '-i',
    list,
    '-o',
    file,
    '-c',
    '1',
    '-t',
    '1h',
    '--deadline',
    '1h',
    '--no-robots',
    '-q',
    ...flags,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = once(child, 'close');
  const watch = await watchImport(child, file).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`the import broke off\n${stderr}`, { cause: error });
  });
  const requestAt = server.requestAt();
  const closingAt = performance.now();
  // The first drains what is in flight, which never ends here; the second aborts it.
  child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 200));
  child.kill('SIGINT');
  await ended;
  return {
    ...watch,
    firstRequestMs: requestAt === null || requestAt < startedAt ? null : requestAt - startedAt,
    closeMs: performance.now() - closingAt,
  };
}

async function watchImport(
  child: ChildProcess,
  file: string,
): Promise<Pick<ImportRun, 'lines' | 'importMs' | 'cpuMs' | 'peakRssBytes'>> {
  const pid = child.pid as number;
  let begun: { at: number; cpuMs: number; lines: number } | null = null;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (child.exitCode !== null) throw new Error(`crawl ended with ${child.exitCode}`);
    const source = lastSource(file);
    if (source === null) continue;
    const now = { at: performance.now(), cpuMs: cpuMsOf(pid), lines: source.lines };
    begun ??= now;
    if (source.complete === 0) continue;
    return {
      lines: source.lines,
      importMs: now.at - begun.at,
      cpuMs: now.cpuMs - begun.cpuMs,
      peakRssBytes: peakRssOf(pid),
    };
  }
}

/** The list that was opened last; `null` before there is one. */
function lastSource(file: string): { lines: number; complete: number } | null {
  const [lines, complete] = readNumbers(file, 'SELECT lines, complete FROM source ORDER BY id DESC LIMIT 1') ?? [];
  return lines === undefined || complete === undefined ? null : { lines, complete };
}

/** The first row, from a file that a run may be writing; `null` without one, or while it is no database yet. */
export function readNumbers(file: string, sql: string): number[] | null {
  if (!existsSync(file)) return null;
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true });
    return db.prepare<[], number[]>(sql).raw().get() ?? null;
  } catch {
    return null;
  } finally {
    db?.close();
  }
}

/** User and system time of all threads so far. */
export function cpuMsOf(pid: number): number {
  // The name, in brackets, may hold blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function peakRssOf(pid: number): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
}
