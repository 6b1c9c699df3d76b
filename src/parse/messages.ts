/** What the main thread and a parser thread tell each other. Results go past both, straight to the store. */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorMessage } from '../model/errors.ts';
import type { PackedFetched } from '../model/packed-pages.ts';
import type { ParserOptions } from './options.ts';

/** The first message, and only that: what a thread is to do. */
export interface ThreadStart {
  readonly type: 'start';
  readonly options: ParserOptions;
  /** Its other end is in the store thread; `null` for a guest of that thread. */
  readonly results: MessagePort | null;
  /** Memory of a `ThreadProgress`. */
  readonly progress: SharedArrayBuffer;
}

export type ToThread =
  | ThreadStart
  | { readonly type: 'pages'; readonly pages: readonly PackedFetched[] }
  | { readonly type: 'close' };

export type FromThread =
  | { readonly type: 'ready' }
  /** Look at the progress counters, they have moved. */
  | { readonly type: 'posted' }
  /** A guest's last word. */
  | { readonly type: 'defect'; readonly error: ErrorMessage };
