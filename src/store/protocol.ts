/**
 * What passes between the client on the main thread and the store thread. Calls are answered once each, by number; acks,
 * warnings and the one failure come unasked. Parser threads post `ResultsMessage`s over ports of their own.
 */
import type { MessagePort } from 'node:worker_threads';
import type { SkipReason } from '../model/error-codes.ts';
import type { ErrorMessage } from '../model/errors.ts';
import type { PageResult } from '../model/page.ts';
import type * as ports from '../model/ports.ts';
import type { OriginRecord } from '../model/robots.ts';
import type { SourceIdentity } from '../model/seed.ts';
import type { PackedRequest } from './packed-lines.ts';

/** A call of the `Store` port without its promise. */
export type StoreCall =
  | { readonly method: 'enqueue'; readonly request: PackedRequest }
  | { readonly method: 'claim'; readonly request: ports.ClaimRequest }
  | { readonly method: 'commit'; readonly results: readonly PageResult[] }
  | { readonly method: 'progress' }
  | { readonly method: 'nextDue' }
  | { readonly method: 'openSource'; readonly identity: SourceIdentity; readonly keepColumns: boolean }
  | { readonly method: 'requeue'; readonly filter: ports.RetryFilter }
  | { readonly method: 'skip'; readonly urlIds: readonly number[]; readonly reason: SkipReason }
  | { readonly method: 'isListed'; readonly host: string; readonly port: number }
  | { readonly method: 'loadOrigins'; readonly origins: readonly string[] }
  | { readonly method: 'saveOrigins'; readonly records: readonly OriginRecord[] }
  | { readonly method: 'readBody'; readonly urlId: number }
  | { readonly method: 'recordStages'; readonly samples: readonly ports.StageSample[] }
  | { readonly method: 'close'; readonly state: ports.RunState; readonly reason: string | null };

export type ToStore =
  /** The first message, and only that. */
  | { readonly type: 'open'; readonly options: ports.StoreOptions }
  | { readonly type: 'call'; readonly id: number; readonly call: StoreCall }
  | { readonly type: 'port'; readonly port: MessagePort }
  /** Lets another stage work in this thread: `serveAsGuest` of the module serves the port. */
  | { readonly type: 'guest'; readonly module: string; readonly port: MessagePort };

/** What a module has whose stage can be a guest of the store's thread. */
export interface GuestModule {
  readonly serveAsGuest: (port: MessagePort, deliver: (results: PageResult[]) => void) => void;
}

export type FromStore =
  | { readonly type: 'opened'; readonly info: ports.OpenInfo }
  | { readonly type: 'open-failed'; readonly error: ErrorMessage }
  | { readonly type: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorMessage }
  | { readonly type: 'ack'; readonly ack: ports.CommitAck }
  | { readonly type: 'warning'; readonly key: string; readonly message: string }
  | { readonly type: 'failure'; readonly error: ErrorMessage };
