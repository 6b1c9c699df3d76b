/**
 * Entry of the store thread: opens the store, then joins ports and pump. It owns the only write connection of the process.
 * Started by `client.ts`; ends when the client has had the answer to `close`.
 */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { toErrorMessage } from '../model/errors.ts';
import { type ResultsMessage, unpackResult } from '../model/packed-pages.ts';
import type { FromStore, GuestModule, ToStore } from './protocol.ts';
import { Pump } from './pump.ts';
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts';

function serve(store: SqliteStore, post: (message: FromStore) => void, parent: MessagePort): void {
  const pump = new Pump(store, {
    reply: (id, value) => post({ type: 'reply', id, value }),
    fail: (id, error) => post({ type: 'error', id, error: toErrorMessage(error) }),
    ack: (ack) => post({ type: 'ack', ack }),
    failure: (error) => post({ type: 'failure', error: toErrorMessage(error) }),
  });
  parent.on('message', (message: ToStore) => {
    if (message.type === 'call') {
      pump.accept(message);
      return;
    }
    if (message.type === 'port')
      message.port.on('message', ({ results }: ResultsMessage) => pump.acceptResults(results.map(unpackResult)));
    else if (message.type === 'guest') void lodge(message.module, message.port, pump);
  });
  post({ type: 'opened', info: store.info });
}

/** Which stage it is, only who sent it knows. What comes for the guest waits in its port until it has been loaded. */
async function lodge(module: string, port: MessagePort, pump: Pump): Promise<void> {
  const { serveAsGuest } = (await import(module)) as GuestModule;
  serveAsGuest(port, (results) => pump.acceptResults(results));
}

/** Opens the store that the first message names. Later messages wait in the port until `serve` listens. */
function open(parent: MessagePort): void {
  const post = (message: FromStore): void => parent.postMessage(message);
  const warn = (key: string, message: string): void => post({ type: 'warning', key, message });
  parent.once('message', (message: ToStore) => {
    if (message.type !== 'open') throw new Error('the store thread was given work before it had a file');
    try {
      serve(openSqliteStore(message.options, { warn }), post, parent);
    } catch (error) {
      post({ type: 'open-failed', error: toErrorMessage(error) });
      parent.close();
    }
  });
}

if (parentPort !== null) open(parentPort);
