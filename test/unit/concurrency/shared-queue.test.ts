import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { portEndpoint } from '../../../src/concurrency/threads/endpoint.ts';
import { SharedQueue, SharedQueueClient } from '../../../src/concurrency/threads/shared-queue.ts';

function clientOf(queue: SharedQueue<number>): SharedQueueClient<number> {
  const { port1, port2 } = new MessageChannel();
  queue.serve(portEndpoint(port1));
  return new SharedQueueClient(portEndpoint(port2));
}

test('a put elsewhere waits while the queue is full, and is answered in the order of the items', async () => {
  const queue = new SharedQueue<number>({ capacity: 1 });
  const client = clientOf(queue);
  const answered: number[] = [];
  const puts = [1, 2, 3].map((item) => client.put(item).then(() => answered.push(item)));
  await puts[0];
  const other = clientOf(queue);
  expect(await other.take()).toBe(1);
  // Item 2 took the place of item 1; item 3 finds none.
  expect(answered).not.toContain(3);
  expect([await queue.take(), await queue.take()]).toEqual([2, 3]);
  await Promise.all(puts);
  expect(answered).toEqual([1, 2, 3]);
  expect(queue.gauge().highWater).toBe(1);
  client.disconnect();
  other.disconnect();
});

test('close ends the consumers of every connection, and refuses what comes later', async () => {
  const queue = new SharedQueue<number>({ capacity: 4 });
  const clients = [clientOf(queue), clientOf(queue)] as const;
  const taken = clients.map(async (client) => {
    const items: number[] = [];
    for await (const item of client) items.push(item);
    return items;
  });
  for (const item of [1, 2, 3]) await queue.put(item);
  await clients[0].close();
  expect((await Promise.all(taken)).flat().toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  await expect(clients[1].put(4)).rejects.toThrow(/closed/);
  for (const client of clients) client.disconnect();
});
