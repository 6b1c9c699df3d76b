/**
 * The store as the main thread sees it: the `Store` port over messages to the store thread. Calls may overlap; each is
 * answered once. Acks and the failure arrive through the hooks. The client owns the thread: `close` ends it.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import { SlotMap } from '../concurrency/slot-map.ts';
import type { SkipReason } from '../model/error-codes.ts';
import { CrawlError, fromErrorMessage, StoreError } from '../model/errors.ts';
import type { PageResult } from '../model/page.ts';
import type * as ports from '../model/ports.ts';
import type { OriginRecord } from '../model/robots.ts';
import type { SourceIdentity } from '../model/seed.ts';
import { packLines, transferOf } from './packed-lines.ts';
import type { FromStore, StoreCall, ToStore } from './protocol.ts';
import { storeThread } from './thread.ts';

export interface StoreHooks {
  /** After each commit: credits come back with it. */
  readonly onAck: (ack: ports.CommitAck) => void;
  /** Once, when the database can no longer be written. Everything committed stays; all later calls are rejected. */
  readonly onFailure: (error: StoreError) => void;
  /** What the user should know while the store goes on: `key` names the matter, `message` says it. */
  readonly onWarning?: (key: string, message: string) => void;
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Opens the database in a thread of its own. @throws {StoreError} {ConfigError} as `openSqliteStore`. */
export async function openStore(options: ports.StoreOptions, hooks: StoreHooks): Promise<StoreClient> {
  const worker = storeThread.take();
  const opening = opened(worker, hooks);
  worker.postMessage({ type: 'open', options } satisfies ToStore);
  const info = await opening;
  return new StoreClient(worker, info, hooks);
}

/** What the thread says of the opening, or why it said nothing. Takes its listeners off again. */
function opened(worker: Worker, { onWarning }: StoreHooks): Promise<ports.OpenInfo> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromStore): void => {
      if (message.type === 'warning') {
        onWarning?.(message.key, message.message);
        return;
      }
      worker.off('message', onMessage);
      worker.off('error', reject);
      worker.off('exit', onExit);
      if (message.type === 'opened') resolve(message.info);
      else if (message.type === 'open-failed') reject(fromErrorMessage(message.error));
    };
    const onExit = (): void => reject(new StoreError('the store thread ended before it had opened the database'));
    worker.on('message', onMessage);
    worker.once('error', reject);
    worker.once('exit', onExit);
  });
}

export class StoreClient implements ports.Store {
  readonly info: ports.OpenInfo;
  readonly #worker: Worker;
  readonly #hooks: StoreHooks;
  readonly #pending = new SlotMap<Pending>();
  #lastId = 0;
  #closed = false;
  #failure: CrawlError | null = null;
  #lastUtilization: EventLoopUtilization | undefined;

  constructor(worker: Worker, info: ports.OpenInfo, hooks: StoreHooks) {
    this.info = info;
    this.#worker = worker;
    this.#hooks = hooks;
    worker.on('message', (message: FromStore) => this.#receive(message));
    worker.on('error', (error) => this.#ended(error));
    worker.on('exit', () => this.#ended(null));
  }

  openSource(identity: SourceIdentity, keepColumns: boolean): Promise<ports.OpenSource> {
    return this.#call({ method: 'openSource', identity, keepColumns });
  }

  enqueue(request: ports.EnqueueRequest): Promise<ports.EnqueueReceipt> {
    const lines = packLines(request.lines);
    return this.#call({ method: 'enqueue', request: { ...request, lines } }, transferOf(lines));
  }

  claim(request: ports.ClaimRequest): Promise<ports.Claim> {
    return this.#call({ method: 'claim', request });
  }

  async commit(results: readonly PageResult[]): Promise<void> {
    await this.#call<null>({ method: 'commit', results });
  }

  progress(): Promise<ports.Progress> {
    return this.#call({ method: 'progress' });
  }

  nextDue(): Promise<ports.NextDue | null> {
    return this.#call({ method: 'nextDue' });
  }

  requeue(filter: ports.RetryFilter): Promise<number> {
    return this.#call({ method: 'requeue', filter });
  }

  skip(urlIds: readonly number[], reason: SkipReason): Promise<ports.CommitAck> {
    return this.#call({ method: 'skip', urlIds, reason });
  }

  loadOrigins(origins: readonly string[]): Promise<OriginRecord[]> {
    return this.#call({ method: 'loadOrigins', origins });
  }

  async saveOrigins(records: readonly OriginRecord[]): Promise<void> {
    await this.#call<undefined>({ method: 'saveOrigins', records });
  }

  isListed(host: string, port: number): Promise<boolean> {
    return this.#call({ method: 'isListed', host, port });
  }

  readBody(urlId: number): Promise<ports.StoredBody | null> {
    return this.#call({ method: 'readBody', urlId });
  }

  async recordStages(samples: readonly ports.StageSample[]): Promise<void> {
    await this.#call<undefined>({ method: 'recordStages', samples });
  }

  /** Ends the thread, too. Results still in the ports of parser threads are not waited for: await their acks first. */
  async close(state: ports.RunState, reason: string | null): Promise<{ portable: boolean }> {
    try {
      return await this.#call<{ portable: boolean }>({ method: 'close', state, reason });
    } finally {
      this.#closed = true;
      await this.#worker.terminate();
    }
  }

  /** A port for a parser thread (to be transferred), which posts `ResultsMessage`s on it. */
  resultPort(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#post({ type: 'port', port: port1 }, [port1]);
    return port2;
  }

  /** Lets another stage work in the store's thread; returns the port to it. @param module URL of a `GuestModule`. */
  guestPort(module: string): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#post({ type: 'guest', module, port: port1 }, [port1]);
    return port2;
  }

  /** Share of the time since the last call that the store thread was busy, 0 to 1. */
  utilization(): number {
    const now = this.#worker.performance.eventLoopUtilization();
    const last = this.#lastUtilization;
    this.#lastUtilization = now;
    const { utilization } = last === undefined ? now : performance.eventLoopUtilization(now, last);
    // Two calls within one tick of the clock have no time between them.
    return Number.isFinite(utilization) ? Math.min(1, Math.max(0, utilization)) : 0;
  }

  #call<T>(call: StoreCall, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.#failure !== null && call.method !== 'close') return Promise.reject(this.#failure);
    if (this.#closed)
      return Promise.reject(new CrawlError('ERR_CLOSED', `the store is closed: ${call.method} came too late`));
    const id = ++this.#lastId;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#post({ type: 'call', id, call }, transfer);
    });
  }

  #post(message: ToStore, transfer: readonly (MessagePort | ArrayBuffer)[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromStore): void {
    switch (message.type) {
      case 'reply':
        this.#pending.take(message.id)?.resolve(message.value as never);
        break;
      case 'error':
        this.#pending.take(message.id)?.reject(fromErrorMessage(message.error));
        break;
      case 'ack':
        this.#hooks.onAck(message.ack);
        break;
      case 'warning':
        this.#hooks.onWarning?.(message.key, message.message);
        break;
      case 'failure':
        this.#fail(fromErrorMessage(message.error));
        break;
      case 'opened':
      case 'open-failed':
        break;
    }
  }

  /** The thread is gone: expected after `close`, a failure before. */
  #ended(error: Error | null): void {
    if (!this.#closed) {
      const detail = error === null ? '' : `: ${error.message}`;
      this.#fail(new StoreError(`the store thread ended unexpectedly${detail}`, { cause: error }));
    }
    this.#closed = true;
    const gone = this.#failure ?? new CrawlError('ERR_CLOSED', 'the store is closed');
    for (let next = this.#pending.takeOldest(); next !== undefined; next = this.#pending.takeOldest())
      next.reject(gone);
  }

  #fail(error: CrawlError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#hooks.onFailure(error instanceof StoreError ? error : new StoreError(error.message, { cause: error }));
  }
}
