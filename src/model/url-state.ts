/** The states of a URL (frontier protocol): `queued` covers what is in flight; only a commit changes a state. */

export const URL_STATES = ['queued', 'done', 'failed', 'skipped'] as const;

export type UrlState = (typeof URL_STATES)[number];

/** What follows from one attempt, decided where the attempt was made and applied by the store in the same transaction. */
export type Settlement =
  | { readonly state: 'done' }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'skipped'; readonly reason: string }
  /** To be tried again, not before this wall-clock time (ms since 1970). */
  | {
      readonly state: 'queued';
      readonly reason: string;
      readonly notBefore: number;
      /** `false`: the host was asked too often, which is not this URL's fault, so neither a retry nor time is used up. */
      readonly counts?: boolean;
    };

/** URLs known = queued + done + failed + skipped: the first of the two books. */
export interface UrlBook {
  readonly known: number;
  readonly queued: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Per source: lines = added + knownBefore + duplicate + rejected + blank: the second book. */
export interface SourceBook {
  readonly sourceId: number;
  readonly name: string;
  readonly lines: number;
  readonly added: number;
  readonly knownBefore: number;
  readonly duplicate: number;
  readonly rejected: number;
  /** Blank lines and comments. */
  readonly blank: number;
  /** Bare hosts that were read as https:// (counted among added, knownBefore and duplicate too). */
  readonly bareHosts: number;
  readonly complete: boolean;
}
