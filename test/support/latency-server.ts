/**
 * An HTTP server whose answers take as long as the test says, and which keeps its own books: every request with start and
 * end, how many were in flight at once in all and per host. Tests of kills,
 * bounds and politeness hold the crawl against these counts. Bodies are a pure function of the page's number; a test may
 * give single pages another answer, hold all answers back, and wait for requests to arrive. There is no robots.txt: requests
 * for it get 404 at once; they count for what is in flight, but are no pages, so not in hits, log and arrivals.
 */
import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
import { listen } from './listen.ts';

export interface PlannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LatencyServerOptions {
  /** Before the answer; a function is asked per page number. Default 0. */
  readonly latencyMs?: number | ((n: number) => number);
  /** Pages are numbered 0 … pages − 1; others get 404. */
  readonly pages: number;
  /** Host names the pages are spread over, in turn (`x.localhost` needs no DNS). Default: 127.0.0.1 alone. */
  readonly hosts?: readonly string[];
  /** What page `n` answers at its `hit`-th request (from 1); `null` = the page itself. Default: always the page. */
  readonly answer?: (n: number, hit: number) => PlannedAnswer | null;
  /** Whether `unseenMs` is told, by a timer that costs 2 % of a core. Default: not. */
  readonly tellsUnseen?: boolean;
}

export interface RequestRecord {
  readonly url: string;
  /** Host name without port. */
  readonly host: string;
  /** `performance.now()` of this process when the request had arrived. */
  readonly start: number;
  /** The same moment in wall-clock ms, integer: to be held against times in a database. */
  readonly startWall: number;
  /** The request may have lain unseen in the socket for this long at most, ms, while this process was busy or not running; 0 where that is not told. */
  readonly unseenMs: number;
  /** …and when the answer had been handed to the network; `null` while it is pending, and for ever when the client left. */
  end: number | null;
}

export interface LatencyServer extends AsyncDisposable {
  readonly port: number;
  url(n: number): string;
  /** All pages, in order: the crawl's list. */
  urls(): string[];
  /** Requests by URL, given up ones included. */
  readonly hits: ReadonlyMap<string, number>;
  /** In order of arrival. */
  readonly log: readonly RequestRecord[];
  /** In flight now: arrived, and neither answered nor given up. */
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** The most that any one host had in flight. */
  readonly maxInFlightPerHost: number;
  /** Resolves when `count` requests in all have arrived. */
  arrived(count: number): Promise<void>;
  /** Resolves when nothing is in flight. */
  idle(): Promise<void>;
  /** From the next request on. */
  setLatency(latencyMs: number | ((n: number) => number)): void;
  /** No answer leaves from now on… */
  hold(): void;
  /** …until now. */
  release(): void;
  /** Forgets hits, log and maxima. Only while nothing is in flight. */
  forget(): void;
  close(): Promise<void>;
}

/** What page `n` says: a title, some text that no other page has, links to its neighbours. */
export function pageBody(n: number): string {
  const text = `Page ${n} of the latency server. `.repeat(3 + (n % 17));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page ${n}</title></head><body><h1>Page ${n}</h1>
<p>${text}</p><a href="/page/${n + 1}">next</a> <a href="/page/${Math.floor(n / 2)}">half</a></body></html>\n`;
}

/** Hex digest of page `n`'s body, as the database must show it. */
export function pageSha256(n: number): string {
  return createHash('sha256').update(pageBody(n)).digest('hex');
}

export async function startLatencyServer(options: LatencyServerOptions): Promise<LatencyServer> {
  const hosts = options.hosts ?? ['127.0.0.1'];
  const books = new Books(options.tellsUnseen === true);
  let latency = options.latencyMs ?? 0;
  let held: (() => void)[] | null = null;
  const answerOf = (n: number, hit: number): PlannedAnswer => {
    if (!(n < options.pages)) return { status: 404, body: 'no such page\n' };
    return options.answer?.(n, hit) ?? { status: 200, body: pageBody(n) };
  };

  const server = createServer((request, response) => {
    const isPage = request.url !== '/robots.txt';
    const record = books.start(request.headers.host ?? '', request.url ?? '/', isPage);
    if (!isPage) {
      response.on('close', () => books.end(record, response.writableFinished));
      response.writeHead(404).end();
      return;
    }
    const n = Number(/^\/page\/(\d+)$/.exec(request.url ?? '')?.[1] ?? Number.NaN);
    const { status, headers, body } = answerOf(n, books.hits.get(record.url) ?? 1);
    const send = (): void => {
      if (response.destroyed) return;
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers });
      response.end(body);
    };
    const sendUnlessHeld = (): void => void (held === null ? send() : held.push(send));
    const timer = setTimeout(sendUnlessHeld, typeof latency === 'function' ? latency(n) : latency);
    response.on('close', () => {
      clearTimeout(timer);
      books.end(record, response.writableFinished);
    });
  });
  server.keepAliveTimeout = 120_000;
  const port = await listen(server);
  const url = (n: number): string => `http://${hosts[n % hosts.length]}:${port}/page/${n}`;

  const close = (): Promise<void> =>
    new Promise((resolve) => {
      books.stop();
      server.close(() => resolve());
      server.closeAllConnections();
    });

  return {
    port,
    url,
    urls: () => Array.from({ length: options.pages }, (_, n) => url(n)),
    hits: books.hits,
    log: books.log,
    get inFlight() {
      return books.inFlight;
    },
    get maxInFlight() {
      return books.maxInFlight;
    },
    get maxInFlightPerHost() {
      return books.maxInFlightPerHost;
    },
    arrived: (count) => books.arrived(count),
    idle: () => books.idle(),
    setLatency: (latencyMs) => {
      latency = latencyMs;
    },
    hold: () => {
      held ??= [];
    },
    release: () => {
      const waiting = held ?? [];
      held = null;
      for (const send of waiting) send();
    },
    forget: () => books.forget(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

class Books {
  readonly hits: Map<string, number> = new Map();
  readonly log: RequestRecord[] = [];
  inFlight = 0;
  maxInFlight = 0;
  maxInFlightPerHost = 0;
  readonly #hosts = new Map<string, { inFlight: number }>();
  /** The last two beats of a 1 ms timer: a request that arrived before the older one would have been seen before it. */
  #beats: [number, number] = [performance.now(), performance.now()];
  readonly #heart: NodeJS.Timeout | null;
  #waiting: { count: number; resolve: () => void }[] = [];
  #waitingForIdle: (() => void)[] = [];

  constructor(tellsUnseen: boolean) {
    this.#heart = tellsUnseen ? setInterval(() => (this.#beats = [this.#beats[1], performance.now()]), 1) : null;
  }

  start(authority: string, path: string, isPage: boolean): RequestRecord {
    const start = performance.now();
    const url = `http://${authority}${path}`;
    const host = authority.split(':')[0] ?? '';
    const record: RequestRecord = {
      url,
      host,
      start,
      startWall: Date.now(),
      unseenMs: this.#heart === null ? 0 : start - this.#beats[0],
      end: null,
    };
    if (isPage) {
      this.log.push(record);
      this.hits.set(url, (this.hits.get(url) ?? 0) + 1);
    }

    const state = this.#hosts.get(host) ?? { inFlight: 0 };
    this.#hosts.set(host, state);
    state.inFlight += 1;
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    this.maxInFlightPerHost = Math.max(this.maxInFlightPerHost, state.inFlight);

    const met = this.#waiting.filter((waiter) => this.log.length >= waiter.count);
    this.#waiting = this.#waiting.filter((waiter) => this.log.length < waiter.count);
    for (const waiter of met) waiter.resolve();
    return record;
  }

  end(record: RequestRecord, answered: boolean): void {
    if (answered) record.end = performance.now();
    this.inFlight -= 1;
    const state = this.#hosts.get(record.host);
    if (state !== undefined) state.inFlight -= 1;
    if (this.inFlight === 0) for (const resolve of this.#waitingForIdle.splice(0)) resolve();
  }

  idle(): Promise<void> {
    return this.inFlight === 0 ? Promise.resolve() : new Promise((resolve) => this.#waitingForIdle.push(resolve));
  }

  stop(): void {
    if (this.#heart !== null) clearInterval(this.#heart);
  }

  forget(): void {
    this.hits.clear();
    this.log.length = 0;
    this.#hosts.clear();
    this.maxInFlight = 0;
    this.maxInFlightPerHost = 0;
  }

  arrived(count: number): Promise<void> {
    if (this.log.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}
