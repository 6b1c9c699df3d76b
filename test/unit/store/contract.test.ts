import { expect } from 'vitest';
import { openStore } from '../../../src/store/client.ts';
import { openSqliteStore } from '../../../src/store/sqlite-store.ts';
import type { CommitAck } from '../../../src/model/ports.ts';
import { describeStore } from '../../support/store-contract.ts';

describeStore('SQLite on this thread', async (options) => {
  const store = openSqliteStore(options);
  return { store, commit: async (results) => store.commitBatch(results) };
});

describeStore('SQLite in its own thread', async (options) => {
  const acks: CommitAck[] = [];
  const store = await openStore(options, {
    onAck: (ack) => acks.push(ack),
    onFailure: (error) => expect.fail(error.message),
  });
  return {
    store,
    async commit(results) {
      await store.commit(results);
      return acks.at(-1) ?? expect.fail('committed without an ack');
    },
  };
});
