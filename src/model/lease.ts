import type { SlowDown } from './attempt.ts';

/** A claim on a frontier entry. It writes nothing: it lives in the memory of the run that holds it and is gone with it. */
export interface Lease {
  /** `url.id`. */
  readonly id: number;
  /** Canonical URL (WHATWG). */
  readonly url: string;
  readonly hostId: number;
  /** Host name without port: the unit of politeness (all schemes and ports of it share one pace). */
  readonly host: string;
  /** Number of the attempt to be made, from 1, over the whole life of the URL. */
  readonly attempt: number;
  /** Number of the attempt within the present round of retries, from 1 (`crawl retry` starts a new round). */
  readonly round: number;
  readonly depth: number;
  /** Time spent in earlier attempts of this round, ms: counts against the deadline. */
  readonly spentMs: number;
  /** When this run claimed it, `Clock.now()`; set on the main thread, for `waitMs`. */
  claimedAt?: number;
}

/** A host handed out with its first leases. */
export interface HostEntry {
  readonly hostId: number;
  readonly host: string;
  /** Wall-clock ms before which the host asked to be left alone (`Retry-After`), or 0. */
  readonly notBefore: number;
  /** Slowed down when it was last asked, that long ago (ms); missing for nearly all. */
  readonly slowDown?: SlowDown & { readonly ageMs: number };
}
