/**
 * Laboratory: a program whose main thread starts a worker and then waits for it, or does not, or lets go of it. Run as a
 * process by `../join.ts`: arguments are the mode and how long the worker takes. Each line: ms since the start, who, what.
 *
 * One file, two parts: main and worker. Which part runs is asked at the end; importing it as anything else does nothing.
 */
import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { now } from '../support/timed.ts';

const FILE = fileURLToPath(import.meta.url);

interface WorkerData {
  readonly program: typeof FILE;
  readonly ms: number;
  readonly startedAt: number;
}

async function main(mode: string, ms: number): Promise<void> {
  const startedAt = now();
  const data: WorkerData = { program: FILE, ms, startedAt };
  const worker = new Worker(FILE, { workerData: data });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  if (mode === 'unref') worker.unref();
  if (mode === 'await') await ended;
  say(startedAt, 'main done');
}

async function work({ ms, startedAt }: WorkerData): Promise<void> {
  say(startedAt, 'task started');
  await setTimeout(ms);
  say(startedAt, 'task done');
}

/** At once, from either thread: a line of a worker's `console.log` would go through the main thread. */
function say(startedAt: number, text: string): void {
  writeSync(1, `${(now() - startedAt).toFixed(1)} ${text}\n`);
}

if (isMainThread && process.argv[1] === FILE) await main(process.argv[2] ?? '', Number(process.argv[3]));
else if ((workerData as WorkerData | null)?.program === FILE) await work(workerData as WorkerData);
