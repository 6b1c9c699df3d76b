/** Laboratory: what processes of their own do, started by `support/child.ts`: their arguments are texts, their output lines. */
import { setTimeout } from 'node:timers/promises';
import { processEndpoint } from '../../concurrency/threads/endpoint.ts';
import { SharedMapClient } from '../../concurrency/threads/shared-map.ts';
import { SharedQueueClient } from '../../concurrency/threads/shared-queue.ts';

/** Says when it begins and ends. */
export async function work(name: string, ms: string): Promise<void> {
  say(`Process ${name} starting, pid ${process.pid}`);
  await setTimeout(Number(ms));
  say(`Process ${name} done, pid ${process.pid}`);
}

/** Says who it is and whose child, and ends with that status. */
export function introduce(status: string): void {
  say(`child: pid ${process.pid}, parent ${process.ppid}`);
  process.exitCode = Number(status);
}

/** Puts 0, 1, … into the queue of the process that started it, then closes it. */
export async function produce(items: string): Promise<void> {
  const queue = new SharedQueueClient<number>(processEndpoint(process));
  for (let item = 0; item < Number(items); item++) {
    await queue.put(item);
    say(`Put ${item}`);
  }
  await queue.close();
  say('Producer finished');
  queue.disconnect();
}

/** Takes until the queue is closed. */
export async function consume(): Promise<void> {
  const queue = new SharedQueueClient<number>(processEndpoint(process));
  for await (const item of queue) say(`Got ${item}`);
  say('Consumer finished');
  queue.disconnect();
}

/** Puts the square of a number into the map of the process that started it. */
export async function square(n: string): Promise<void> {
  const map = new SharedMapClient(processEndpoint(process));
  await map.set(n, Number(n) ** 2);
  await map.append('pids', process.pid);
  say(`set ${n} to ${String(await map.get(n))}`);
  map.close();
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
