/** Laboratory: changing what another thread or process handed over: its own copy, or the same memory. */
import type { MessagePort } from 'node:worker_threads';
import { portEndpoint } from '../../concurrency/threads/endpoint.ts';
import { SharedMapClient } from '../../concurrency/threads/shared-map.ts';

/** Adds 1 to the first number. @returns what it then sees. */
export function addOne(numbers: Int32Array): number {
  return (numbers[0] = (numbers[0] ?? 0) + 1);
}

/** Changes a number, an array of numbers, a map and a list that the caller sees, too. */
export async function changeAll(
  value: Float64Array<SharedArrayBuffer>,
  numbers: Int32Array<SharedArrayBuffer>,
  port: MessagePort,
): Promise<void> {
  value[0] = 6.28;
  Atomics.store(numbers, 0, 10);
  const map = new SharedMapClient(portEndpoint(port));
  await map.set('key', 'value');
  await map.append('list', 42);
  map.close();
}
