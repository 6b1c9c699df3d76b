/** Whose turn it is in the store's thread; what the turns do is in the contract. */
import { expect, onTestFinished, test } from 'vitest';
import { packLines } from '../../../src/store/packed-lines.ts';
import type { StoreCall } from '../../../src/store/protocol.ts';
import { Pump } from '../../../src/store/pump.ts';
import { openSqliteStore } from '../../../src/store/sqlite-store.ts';
import { fileSource, storeOptions, temporaryFolder, urlBatch } from '../../support/store-fixtures.ts';

test('the first lines of a list can be claimed before the rest of it is imported', async () => {
  const folder = temporaryFolder();
  const store = openSqliteStore(storeOptions(folder.file));
  onTestFinished(async () => {
    await store.close('stopped', null);
    folder.remove();
  });
  const { sourceId } = await store.openSource(fileSource(), false);
  const order: string[] = [];
  const names = new Map<number, string>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const pump = new Pump(store, {
    reply(id) {
      order.push(names.get(id)!);
      // What the main thread does when it hears of the first URLs.
      if (order.length === 1)
        call('claim', { method: 'claim', request: { refill: [], newHosts: 1, perNewHost: 8, max: 8 } });
      if (order.length === names.size) end();
    },
    fail: (_id, error) => expect.fail(String(error)),
    ack: () => undefined,
    failure: (error) => expect.fail(String(error)),
  });
  const call = (name: string, content: StoreCall): void => {
    const id = names.size + 1;
    names.set(id, name);
    pump.accept({ id, call: content });
  };
  let line = 1;
  for (const size of [64, 128, 256, 512, 1000, 1000]) {
    const urls = Array.from({ length: size }, (_, n) => `http://a.test/${line + n}`);
    const batch = urlBatch(sourceId, urls, line);
    call(`import ${size}`, { method: 'enqueue', request: { ...batch, lines: packLines(batch.lines) } });
    line += size;
  }
  await ended;
  expect(order.slice(0, 2)).toEqual(['import 64', 'claim']);
  expect(order.length).toBe(7);
});
