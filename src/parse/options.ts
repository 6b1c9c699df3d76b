/** What a parser thread is told once, at its start: plain values only, they cross the thread boundary by copy. */
import type { ExtractDataset } from '../model/extract-rule.ts';
import type { ParseMode } from '../model/page.ts';

export interface ParserOptions {
  readonly mode: ParseMode;
  /** `internal`: only links to the page's own host. */
  readonly links: 'all' | 'internal' | 'none';
  /** Whether the visible text is kept (words are counted either way). */
  readonly text: boolean;
  /** How bodies are handed to the store: see `pack-body.ts`. */
  readonly bodies: 'packed' | 'plain' | 'none';
  /** Cap on a decoded body, bytes. */
  readonly maxSize: number;
  /** User rules; with none of them cheerio is not even loaded. */
  readonly extract: readonly ExtractDataset[];
  /** A page that keeps its thread busy for longer is given up on and the thread replaced. Default 5000. */
  readonly pageTimeoutMs?: number | undefined;
  /** Old-generation heap of one thread, MiB. Default 256. */
  readonly memoryMb?: number | undefined;
}
