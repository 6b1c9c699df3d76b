/** What an origin answered when it was asked for its robots.txt: made by the engine, kept by the store for later runs. */
import type { RedirectHop } from './attempt.ts';
import type { ErrorClass } from './error-codes.ts';

/**
 * What follows from the answer (RFC 9309 §2.3.1). `rules`: what the file says. `allow-all`: there is none.
 * `disallow-all`: the origin has one and did not give it, whatever was tried. `unreachable`: no connection to the origin at
 * all, so its pages will tell why.
 */
export type RobotsAccess = 'rules' | 'allow-all' | 'disallow-all' | 'unreachable';

export interface OriginRecord {
  /** scheme://host[:port], as at the beginning of a canonical URL. */
  readonly origin: string;
  readonly access: RobotsAccess;
  /** Wall-clock ms. */
  readonly fetchedAt: number;
  /** Wall-clock ms; from then on it is asked again. */
  readonly expiresAt: number;
  /** Requests it took, redirects not counted. */
  readonly tries: number;
  readonly status: number | null;
  readonly errorClass: ErrorClass | null;
  readonly error: string | null;
  /** The file, decoded, at most 500 KiB; `null` without one. */
  readonly robots: Uint8Array | null;
  /** Not all of the file was read. */
  readonly truncated: boolean;
  /** As asked for, uncapped. */
  readonly crawlDelayMs: number | null;
  readonly redirects: readonly RedirectHop[];
}

/** Why a URL is forbidden though no rule of the file is known to name it; what stands before it names the file. */
export const TOO_LONG_TEXT = 'too many rules with * to be held against so long a path';
