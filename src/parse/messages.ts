/** What the main thread and a parser thread tell each other. Results go past both, straight to the store. */
import type { MessagePort } from 'node:worker_threads';
import type { PackedFetched } from '../model/packed-pages.ts';
import type { ParserOptions } from './options.ts';

/** The first message, and only that: what a thread is to do. */
export interface ThreadStart {
  readonly type: 'start';
  readonly options: ParserOptions;
  /** Its other end is in the store thread. */
  readonly results: MessagePort;
  /** Memory of a `ThreadProgress`. */
  readonly progress: SharedArrayBuffer;
}

export type ToThread =
  | ThreadStart
  | { readonly type: 'pages'; readonly pages: readonly PackedFetched[] }
  | { readonly type: 'close' };

/** `posted`: look at the progress counters, they have moved. */
export type FromThread = { readonly type: 'ready' } | { readonly type: 'posted' };
