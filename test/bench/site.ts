/** What a benchmark crawls: a list of URLs, and what each of them must yield. */

export interface ExpectedPage {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** A site to be crawled along its links. */
export interface WholeSite {
  readonly start: string;
  readonly expected: ReadonlyMap<string, ExpectedPage>;
}

export interface BenchSite {
  /** One line for the head of the report. */
  readonly label: string;
  /** False where the figures cannot be held against those of other machines and of the README. */
  readonly comparable: boolean;
  readonly urls: readonly string[];
  readonly expected: ReadonlyMap<string, ExpectedPage>;
  /** The pages that a crawl from one start page must find. */
  wholeSite?(): Promise<WholeSite>;
  close(): Promise<void>;
}
