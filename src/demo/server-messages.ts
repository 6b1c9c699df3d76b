/** What the demo site's thread and its owner say to each other. */

/** Handed to the thread at its start. */
export interface DemoServerData {
  /** 0 = any free port. */
  readonly port: number;
  readonly seed: number;
  /** 1 = the latencies as designed; 0.1 = ten times as long. */
  readonly speed: number;
}

export type ToDemoServer =
  | { readonly type: 'counts' }
  /** Answered by `reached` once so many requests have arrived in all. */
  | { readonly type: 'notify-at'; readonly requests: number }
  | { readonly type: 'close' };

export type FromDemoServer =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  /** Requests by URL since the start. */
  | { readonly type: 'counts'; readonly hits: ReadonlyMap<string, number> }
  | { readonly type: 'reached'; readonly requests: number };
