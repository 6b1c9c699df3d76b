/** What producers yield: one item per line of a source, in order, with everything the second book needs. */

export type SeedLine =
  /** A usable URL. `bareHost`: it was written without a scheme and read as https://. */
  | {
      readonly kind: 'url';
      readonly line: number;
      readonly url: string;
      readonly host: string;
      readonly bareHost: boolean;
      readonly columns: string | null;
      /** The value of Authorization that a user name and password in the URL make. A secret: it never reaches the store. */
      readonly authorization?: string;
    }
  /** Not a URL: recorded with its reason; never stops the run unless `--strict`. `raw` is at most 500 characters. */
  | {
      readonly kind: 'rejected';
      readonly line: number;
      readonly raw: string;
      readonly reason: string;
      readonly columns: string | null;
    }
  | { readonly kind: 'blank'; readonly line: number };

/** Why a line is no URL, recorded in the `input` table, and what to say of such a line. */
export const REJECT_REASONS = {
  'bad-url': 'is not a URL',
  'unsupported-scheme': 'is neither http:// nor https://',
  credentials: 'carries a user name or password that HTTP cannot send: take it out and set fetch.origin-headers',
  'too-long': 'is longer than 64 KB',
  'bad-encoding': 'is no text in the encoding of its list',
  'no-url': 'has nothing in the column of the URLs',
  'unclosed-quote': 'opens a quote that never closes (CSV)',
  'bad-json': 'is not JSON (JSON Lines)',
  'not-an-object': 'is JSON, but not an object (JSON Lines)',
} as const;

export type RejectReason = keyof typeof REJECT_REASONS;

/** A batch of consecutive lines together with where the source stands after them: both are committed together. */
export interface SeedBatch {
  readonly lines: readonly SeedLine[];
  /** Where to go on after a crash: bytes of the (decompressed) source consumed, and lines read. */
  readonly position: SourcePosition;
  /** True for the last batch (which may be empty). */
  readonly last: boolean;
}

export interface SourcePosition {
  readonly byteOffset: number;
  readonly line: number;
}

export type SourceKind = 'file' | 'stdin' | 'pattern' | 'arguments' | 'api';

/** Names a source so that a resumed run knows it again. */
export interface SourceIdentity {
  readonly kind: SourceKind;
  /** Absolute path, pattern text, or '-' ; for `arguments` and `api` the URLs' digest. */
  readonly name: string;
  /** Changes when the content does: size and a digest of both ends for a file; `null` where unknowable (stdin). */
  readonly fingerprint: string | null;
  /** Where `byteOffset` ends, if known: for progress. Bytes of a plain file; URLs of a pattern or of arguments. */
  readonly sizeBytes: number | null;
}

/** A source of seeds, opened at a position. Pulled: nothing is read that nobody asked for. */
export interface Producer {
  readonly identity: SourceIdentity;
  /** True where lines carry other columns (`SeedLine.columns`) that the database is to keep. */
  readonly keepsColumns: boolean;
  /**
   * Batches of at most `batchSize` lines from `from` on; the first of `firstSize` (default `batchSize`), each next one of twice
   * as many as the one before. The iterator's `return()` closes the source.
   */
  batches(from: SourcePosition, batchSize: number, firstSize?: number): AsyncIterable<SeedBatch>;
}
