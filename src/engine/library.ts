/**
 * The library: `crawl(options)` yields what became of each URL, after its commit.
 *
 * In: options named like the flags, in camel case. Out: an async iterable of outcomes, or calls of a callback. Nothing is
 * printed, no signal handler is set, and several crawls may run in one process. The item credit of a page returns when
 * the loop asks for the next one, so a slow loop slows the crawl; leaving the loop drains and closes it.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelledError } from '../model/errors.ts';
import type { CrawlEvent, RunSummary } from '../model/events.ts';
import type { Outcome } from '../model/outcome.ts';
import { IterableProducer } from '../producer/iterable-producer.ts';
import { redactUrl } from '../url/redact.ts';
import type { CrawlRun } from './api.ts';
import { startCrawl } from './crawl.ts';
import { librarySettings, type CrawlOptions } from './library-options.ts';
import { BodyReader, rejectedOutcome, toOutcome } from './outcomes.ts';
import { OutcomeLine } from './outcome-line.ts';

/** What `crawl(options)` returns: iterate it once. */
export interface Crawl extends AsyncIterable<Outcome> {
  /** How the run ended; settles once the iteration has. */
  readonly summary: Promise<RunSummary>;
}

/**
 * Crawls `options.urls` and yields one outcome per URL, fetched and failed alike.
 * @example for await (const page of crawl({ urls: ['https://example.com/'] })) console.log(page.kind, page.url);
 * @throws {ConfigError} wrong options, all at once. @throws {StoreError} the output cannot be used.
 */
export function crawl(options: CrawlOptions): Crawl;
/** The same with a callback, awaited before the next outcome; resolves when the run has ended. */
export function crawl(
  options: CrawlOptions,
  onOutcome: (outcome: Outcome) => void | Promise<void>,
): Promise<RunSummary>;
export function crawl(
  options: CrawlOptions,
  onOutcome?: (outcome: Outcome) => void | Promise<void>,
): Crawl | Promise<RunSummary> {
  const session = new Session(options);
  if (onOutcome === undefined) return session;
  return callEach(session, onOutcome);
}

async function callEach(session: Session, onOutcome: (outcome: Outcome) => void | Promise<void>): Promise<RunSummary> {
  for await (const outcome of session) await onOutcome(outcome);
  return await session.summary;
}

class Session implements Crawl {
  readonly #options: CrawlOptions;
  readonly #line: OutcomeLine;
  readonly #summary = Promise.withResolvers<RunSummary>();
  readonly summary = this.#summary.promise;
  #run: CrawlRun | null = null;

  constructor(options: CrawlOptions) {
    this.#options = options;
    this.#line = new OutcomeLine(options.order ?? 'completed');
    this.summary.catch(() => undefined); // reported by the iteration as well
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Outcome> {
    let folder: string | null = null;
    const { signal } = this.#options;
    const isAborted = (): boolean => signal?.aborted === true;
    const onAbort = (): void => {
      // The loop asks for nothing more: outcomes that wait for it must not keep the run from closing.
      this.#line.close();
      this.#run?.abort('the signal fired');
    };
    try {
      if (isAborted()) throw new CancelledError();
      if (this.#options.output === undefined) folder = await mkdtemp(join(tmpdir(), 'weir-'));
      const run = await this.#start(this.#options.output ?? join(folder ?? tmpdir(), 'crawl.db'));
      this.#run = run;
      signal?.addEventListener('abort', onAbort, { once: true });
      if (isAborted()) onAbort(); // it fired while the file was being opened
      void run.result.then(
        () => this.#line.end(),
        (error: unknown) => this.#line.fail(error),
      );
      for (let next = await this.#line.next(); next !== undefined; next = await this.#line.next()) {
        if (isAborted()) break;
        yield next;
      }
      const summary = await run.result;
      if (isAborted()) throw new CancelledError();
      this.#summary.resolve(summary);
    } catch (error) {
      this.#summary.reject(error);
      throw error;
    } finally {
      // Also reached by `break`: drain, so that what was fetched is committed, and close the file.
      signal?.removeEventListener('abort', onAbort);
      this.#line.close();
      if (this.#run !== null) {
        this.#run.drain('the caller left the loop');
        await this.#run.result.then(this.#summary.resolve, this.#summary.reject);
      }
      if (folder !== null) await rm(folder, { recursive: true, force: true });
    }
  }

  async #start(output: string): Promise<CrawlRun> {
    const { settings, configJson } = librarySettings(this.#options, output);
    const urls = this.#options.urls ?? [];
    const list = typeof urls === 'string' ? [urls] : urls;
    const producer = new IterableProducer(digestOf(list), list, (line) => {
      if (line.kind === 'url') this.#line.expect(line.url);
      else if (line.kind === 'rejected') this.#line.put(rejectedOutcome(line));
    });
    const bodies = new BodyReader(output);
    return await startCrawl(
      settings,
      {
        argv: [],
        configJson,
        detail: 'rows',
        onEvent: (event: CrawlEvent) => {
          if (event.type !== 'url' || event.row.state === 'queued') return;
          this.#line.put(toOutcome(event.row, bodies));
        },
        afterRows: () => this.#line.consumed(),
      },
      this.#options.urls === undefined ? [] : [producer],
    );
  }
}

/** Where the URLs are known beforehand, so that the same call goes on in the same file. */
function digestOf(urls: Iterable<string> | AsyncIterable<string>): string | null {
  if (!Array.isArray(urls)) return null;
  return createHash('sha256')
    .update(urls.map((url: string) => redactUrl(url)).join('\n'))
    .digest('hex')
    .slice(0, 16);
}
