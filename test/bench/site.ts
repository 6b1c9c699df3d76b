/** What a benchmark crawls: a list of URLs, and what each of them must yield. */

export interface ExpectedPage {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface BenchSite {
  /** One line for the head of the report. */
  readonly label: string;
  /** False where the figures cannot be held against those of other machines and of the README. */
  readonly comparable: boolean;
  readonly urls: readonly string[];
  readonly expected: ReadonlyMap<string, ExpectedPage>;
  close(): Promise<void>;
}
