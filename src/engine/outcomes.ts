/** Rows of the store to the outcomes that the library yields. Bodies are read from the file when asked for. */
import type { ErrorClass, SkipReason } from '../model/error-codes.ts';
import { CrawlError } from '../model/errors.ts';
import type { Failed, Outcome } from '../model/outcome.ts';
import type { SettledRow } from '../model/ports.ts';
import type { SeedLine } from '../model/seed.ts';
import type { PageContent } from '../store/page-content.ts';
import { openReader } from '../store/reader.ts';

/**
 * Reads bodies from the database beside the crawl. Opened for each read: a reader that stays open would keep the run from
 * leaving one portable file.
 */
export class BodyReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async content(url: string): Promise<PageContent & { readonly bytes: Uint8Array }> {
    const reader = openReader(this.#file);
    try {
      const content = reader.body(url);
      const bytes = content?.bytes ?? null;
      if (content === null || bytes === null) {
        throw new CrawlError('ERR_NOT_FOUND', `no body of ${url} is stored (bodies: 'none', or an answer without one)`);
      }
      return await Promise.resolve({ ...content, bytes });
    } finally {
      reader.close();
    }
  }
}

export function toOutcome(row: SettledRow, bodies: BodyReader): Outcome {
  const base = { url: row.url, attempts: row.attempt, depth: row.depth };
  const body = async (): Promise<Uint8Array> => (await bodies.content(row.url)).bytes;
  switch (row.state) {
    case 'done':
      return {
        kind: 'done',
        ...base,
        finalUrl: row.finalUrl ?? row.url,
        status: row.status ?? 0,
        contentType: row.contentType,
        bytes: row.bytes ?? 0,
        sha256: row.sha256 ?? '',
        title: row.title,
        charset: row.charset,
        words: row.words,
        totalMs: row.totalMs,
        fetchedAt: new Date(row.startedAt),
        parseError: row.parseError as ErrorClass | null,
        body,
        text: async () => {
          const { bytes, charset } = await bodies.content(row.url);
          return new TextDecoder(charset ?? 'utf-8').decode(bytes);
        },
      };
    case 'skipped':
      return { kind: 'skipped', ...base, reason: row.reason as SkipReason };
    case 'failed':
      return {
        kind: 'failed',
        ...base,
        errorClass: (row.errorClass ?? row.reason ?? 'internal') as ErrorClass,
        error: row.error ?? row.reason ?? 'failed',
        status: row.status,
        bytes: row.bytes ?? 0,
        body: row.sha256 === null ? null : body,
      };
    case 'queued':
      throw new CrawlError('ERR_INTERNAL', `${row.url} is still queued`);
    default:
      return row.state satisfies never;
  }
}

/** What was given as a URL and is none: it never reaches the network, and its row is in the view `inputs`. */
export function rejectedOutcome(line: SeedLine & { kind: 'rejected' }): Failed {
  return {
    kind: 'failed',
    url: line.raw,
    attempts: 0,
    depth: 0,
    errorClass: 'bad-url',
    error: line.reason,
    status: null,
    bytes: 0,
    body: null,
  };
}
