/** What `crawl verify` reports: one line per thing that does not add up. */
export interface Difference {
  /** Which check: `urls`, `source`, `run`, `integrity`, `foreign-key`, `body`, `page`, `lookup`. */
  readonly check: string;
  /** The row or counter it is about: a URL, a source's name, a digest. */
  readonly subject: string;
  /** What was expected and what was found, in one sentence. */
  readonly message: string;
}

export interface VerifyProgress {
  readonly check: string;
  readonly checked: number;
  readonly total: number;
}
