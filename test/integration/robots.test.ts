/**
 * robots.txt over the whole pipeline, against a real server whose hosts each answer the request for it in another way. Each
 * host has `/open`, and `/private/1`, which the files forbid.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crawl, type Outcome } from '../../src/index.ts';
import { cliFolder } from '../support/cli.ts';
import { temporaryFolder } from '../support/store-fixtures.ts';

const RULES = 'User-agent: *\nDisallow: /private/\n';

type Answer = (response: ServerResponse, request: IncomingMessage, hit: number) => void;

function file(body: string | Uint8Array, headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(200, headers).end(body);
}

function status(code: number, headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(code, headers).end('no');
}

function redirect(location: (hit: number, request: IncomingMessage) => string): Answer {
  return (response, request, hit) => void response.writeHead(302, { location: location(hit, request) }).end();
}

/** Bytes without end, as long as somebody reads. */
function endless(response: ServerResponse): void {
  const chunk = `# ${'x'.repeat(998)}\n`;
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    response.once('drain', more);
  };
  response.writeHead(200).write(RULES);
  more();
}

const BOTH = { open: 'done', private: 'done' };
const OBEYED = { open: 'done', private: 'skipped blocked-robots' };
const NEITHER = { open: 'skipped blocked-robots', private: 'skipped blocked-robots' };

let unlisted: Server;
const HOSTS: Record<string, { answer: Answer; ends: { open: string; private: string }; origin: object }> = {
  '404': { answer: status(404), ends: BOTH, origin: { access: 'allow-all', status: 404, tries: 1 } },
  '403': { answer: status(403), ends: BOTH, origin: { access: 'allow-all' } },
  '410': { answer: status(410), ends: BOTH, origin: { access: 'allow-all' } },
  empty: { answer: status(204), ends: BOTH, origin: { access: 'rules', status: 204 } },
  plain: { answer: file(RULES), ends: OBEYED, origin: { access: 'rules', truncated: 0 } },
  bom: { answer: file(`\u{feff}${RULES}`), ends: OBEYED, origin: {} },
  utf16: { answer: file(Buffer.from(`\u{feff}${RULES}`, 'utf16le')), ends: OBEYED, origin: {} },
  cr: { answer: file(RULES.replaceAll('\n', '\r')), ends: OBEYED, origin: {} },
  gzip: { answer: file(gzipSync(RULES), { 'content-encoding': 'gzip' }), ends: OBEYED, origin: { tries: 1 } },
  bomb: {
    answer: file(gzipSync(`${RULES}${'#'.repeat(9_000_000)}`), { 'content-encoding': 'gzip' }),
    ends: OBEYED,
    origin: { truncated: 1 },
  },
  large: { answer: file(`${RULES}${`# ${'x'.repeat(97)}\n`.repeat(20_000)}`), ends: OBEYED, origin: { truncated: 1 } },
  endless: { answer: endless, ends: OBEYED, origin: { truncated: 1 } },
  longline: { answer: file(`# ${'x'.repeat(17_000)}\n${RULES}`), ends: OBEYED, origin: { truncated: 0 } },
  groups: { answer: file(`${'User-agent: x\nDisallow: /\n'.repeat(10_000)}${RULES}`), ends: OBEYED, origin: {} },
  html: { answer: file(`<!doctype html>\n${RULES}`), ends: BOTH, origin: { access: 'rules' } },
  binary: { answer: file(Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(RULES)])), ends: BOTH, origin: {} },
  hops: {
    answer: (response, request, hit) =>
      hit <= 5 ? redirect(() => `/robots.txt?${hit}`)(response, request, hit) : file(RULES)(response, request, hit),
    ends: OBEYED,
    origin: { tries: 1, redirects: 5 },
  },
  sixhops: {
    answer: redirect((hit) => `/robots.txt?${hit}`),
    ends: BOTH,
    origin: { error_class: 'too-many-redirects' },
  },
  loop: { answer: redirect(() => '/robots.txt'), ends: BOTH, origin: { error_class: 'redirect-loop' } },
  other: {
    answer: redirect((_, { headers }) => `http://${String(headers.host).replace('other', 'plain')}/robots.txt`),
    ends: OBEYED,
    origin: { redirects: 1 },
  },
  toprivate: {
    answer: redirect(() => `http://127.0.0.1:${(unlisted.address() as AddressInfo).port}/robots.txt`),
    ends: BOTH,
    origin: { error_class: 'blocked-address' },
  },
  '503': { answer: status(503), ends: NEITHER, origin: { access: 'disallow-all', status: 503, tries: 2 } },
  '429': { answer: status(429), ends: NEITHER, origin: { access: 'disallow-all', error_class: 'rate-limited' } },
  healing: {
    answer: (response, request, hit) => (hit === 1 ? status(500) : file(RULES))(response, request, hit),
    ends: OBEYED,
    origin: { access: 'rules', tries: 2 },
  },
  reset: { answer: (_, request) => void request.socket.resetAndDestroy(), ends: NEITHER, origin: { tries: 2 } },
};

let server: Server;
let port: number;
/** Requests by URL. */
const hits = new Map<string, number>();
let folder: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  folder = temporaryFolder();
  server = createServer((request, response) => {
    const name = String(request.headers.host).split('.')[0] as string;
    const url = `http://${request.headers.host}${request.url}`;
    const [path] = (request.url as string).split('?');
    const key = path === '/robots.txt' ? `${name}/robots.txt` : url;
    const hit = (hits.get(key) ?? 0) + 1;
    hits.set(key, hit);
    if (path === '/robots.txt') (HOSTS[name]?.answer ?? status(404))(response, request, hit);
    else if (path === '/to') redirect(() => decodeURIComponent(url.split('?')[1] as string))(response, request, hit);
    else response.end(`<title>${url}</title>`);
  });
  unlisted = createServer((_, response) => void response.end(RULES));
  for (const each of [server, unlisted]) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  for (const each of [server, unlisted]) {
    each.closeAllConnections();
    each.close();
  }
  folder.remove();
});

const at = (name: string, path: string): string => `http://${name}.localhost:${port}${path}`;

async function endsOf(outcomes: AsyncIterable<Outcome>): Promise<Map<string, string>> {
  const ends = new Map<string, string>();
  for await (const outcome of outcomes) {
    const { kind, url } = outcome;
    if (kind === 'done') ends.set(url, kind);
    else ends.set(url, `${kind} ${kind === 'skipped' ? outcome.reason : outcome.errorClass}`);
  }
  return ends;
}

function query<T>(output: string, sql: string): T[] {
  const db = new Database(output, { readonly: true });
  try {
    return db.prepare<[], T>(sql).all();
  } finally {
    db.close();
  }
}

test('each kind of answer has the end that RFC 9309 gives it, and is kept', async () => {
  const urls = Object.keys(HOSTS).flatMap((name) => [at(name, '/open'), at(name, '/private/1')]);
  const ends = await endsOf(crawl({ urls, output: folder.file, retries: 1 }));
  const found = Object.keys(HOSTS).map((name) => [
    name,
    { open: ends.get(at(name, '/open')), private: ends.get(at(name, '/private/1')) },
  ]);
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(Object.entries(HOSTS).map(([n, { ends }]) => [n, ends])),
  );

  const rows = query<{ origin: string }>(
    folder.file,
    'SELECT origin, access, status, tries, error_class, truncated, json_array_length(redirects) AS redirects FROM origin',
  );
  for (const [name, { origin }] of Object.entries(HOSTS)) {
    expect(rows.find((row) => row.origin === at(name, ''))).toMatchObject(origin);
  }
  // No page of a host was asked for before its robots.txt, nor one that it forbids.
  expect([...hits.keys()].filter((url) => url.includes('/private/') && OBEYED.private === ends.get(url))).toEqual([]);
});

test('an answer holds for later runs of the file', async () => {
  const before = hits.get('plain/robots.txt');
  const urls = [at('plain', '/private/2'), at('plain', '/later')];
  const ends = await endsOf(crawl({ urls, output: folder.file, add: true }));
  expect(ends).toEqual(
    new Map([
      [at('plain', '/private/2'), 'skipped blocked-robots'],
      [at('plain', '/later'), 'done'],
    ]),
  );
  expect(hits.get('plain/robots.txt')).toBe(before);
});

test('a redirect to what the other origin forbids is not followed', async () => {
  const to = (target: string): string => at('404', `/to?${encodeURIComponent(target)}`);
  const urls = [
    to(at('plain', '/private/3')),
    to(at('plain', '/three')),
    to(at('503', '/x')),
    at('plain', '/listed'),
    at('503', '/own'),
  ];
  const ends = await endsOf(crawl({ urls, concurrency: 1, perHost: 1, retries: 0 }));
  expect(urls.map((url) => ends.get(url))).toEqual([
    'failed blocked-robots',
    'done',
    'failed blocked-robots',
    'done',
    'skipped blocked-robots',
  ]);
  expect(hits.has(at('plain', '/private/3'))).toBe(false);
});

test('a host that breaks TLS handshakes fails as its pages do', async () => {
  const breaking = createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  await new Promise<void>((resolve) => breaking.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(breaking.address() as AddressInfo).port}/`;
  const ends = await endsOf(crawl({ urls: [url], retries: 0 }));
  breaking.close();
  expect(ends.get(url)).toBe('failed reset');
});

test('a host that cannot be reached fails as its pages do', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port: closedPort } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const urls = [`http://127.0.0.1:${closedPort}/`, at('404', '/there')];
  const ends = await endsOf(crawl({ urls, retries: 1 }));
  expect(urls.map((url) => ends.get(url))).toEqual(['failed connect-refused', 'done']);
});

test('a host whose robots.txt does not come is not asked for pages', async () => {
  HOSTS['hanging'] = { answer: () => undefined, ends: NEITHER, origin: {} };
  const output = `${folder.file}.hanging.db`;
  const ends = await endsOf(crawl({ urls: at('hanging', '/open'), output, retries: 1, timeout: '200ms' }));
  expect([...ends.values()]).toEqual(['skipped blocked-robots']);
  expect(query(output, 'SELECT access, tries, error_class FROM origin')).toEqual([
    { access: 'disallow-all', tries: 2, error_class: 'header-timeout' },
  ]);
});

test('Crawl-delay slows the host down', async () => {
  HOSTS['delayed'] = { answer: file('User-agent: *\nCrawl-delay: 0.1'), ends: BOTH, origin: {} };
  const output = `${folder.file}.delayed.db`;
  const urls = Array.from({ length: 5 }, (_, n) => at('delayed', `/${n}`));
  expect((await endsOf(crawl({ urls, output, delay: '20ms' }))).size).toBe(5);
  const [span] = query<{ ms: number }>(output, 'SELECT max(started_at) - min(started_at) AS ms FROM fetch');
  expect(span?.ms).toBeGreaterThanOrEqual(4 * 100);
});

test('--no-robots asks for none, and retry --error blocked-robots brings back what was skipped', async () => {
  await using cli = await cliFolder();
  const urls = [at('plain', '/private/4'), at('plain', '/four')];
  await cli.write('list.txt', urls.join('\n'));
  const run = await cli.crawl('--urls', 'list.txt', '-o', 'list.db');
  expect(run).toMatchObject({ code: 0 });
  expect(run.stderr).toMatch(/Skipped\s+1 blocked-robots: .*--no-robots/);
  const before = hits.get('plain/robots.txt');
  const retry = await cli.crawl('retry', 'list.db', '--error', 'blocked-robots', '--no-robots', '-q');
  expect(retry).toMatchObject({ code: 0 });
  expect(query(`${cli.path}/list.db`, 'SELECT url, state FROM url')).toEqual(
    urls.map((url) => ({ url, state: 'done' })),
  );
  expect(hits.get('plain/robots.txt')).toBe(before);
});

test('crawl explain names the rule that decides, from the stored file', async () => {
  HOSTS['rules'] = {
    answer: file('User-agent: weir-crawl\nCrawl-delay: 0.2\nDisallow: /private/\n\nAllow: /private/open\n'),
    ends: OBEYED,
    origin: {},
  };
  await using cli = await cliFolder();
  const urls = ['/free', '/private/open', '/private/5'].map((path) => at('rules', path));
  urls.push(at('503', '/explained'), at('404', '/explained'));
  await cli.write('list.txt', urls.join('\n'));
  await cli.crawl('--urls', 'list.txt', '-o', 'list.db', '-q', '--retries', '1');
  const { stdout } = await cli.crawl('explain', ...urls, '--db', 'list.db');
  const robots = [...stdout.matchAll(/^ {2}Robots +(.*)$/gm)].map(([, text]) => text);
  const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;
  const read = `; read ${time}, counts until ${time}$`;
  for (const [index, expected] of [
    `^allowed, no rule matches${read}`,
    `^allowed by line 5 "Allow: /private/open"${read}`,
    `^forbidden by line 3 "Disallow: /private/"${read}`,
    `^could not be read \\(http-5xx: HTTP 503.*, asked 2 times\\): everything is forbidden there; asked ${time}, again by the next run$`,
    `^allowed, as there is none \\(http-4xx: HTTP 404.*\\)${read}`,
  ].entries()) {
    expect(robots[index]).toMatch(new RegExp(expected));
  }
  // What the file asks for slows the host's pace down.
  expect(stdout).toContain('rules.localhost; at most 16 fetches at a time, 200 ms from start to start');
  expect(stdout).toContain('--error blocked-robots --host rules.localhost --no-robots');
  expect(stdout).toMatch(/--error blocked-robots --host 503\.localhost$/m);

  const [, , forbidden] = urls as [string, string, string];
  const told = JSON.parse((await cli.crawl('explain', '--json', forbidden, '--db', 'list.db')).stdout) as object;
  expect(told).toMatchObject({
    state: 'skipped',
    robots: {
      obeyed: true,
      answer: {
        origin: at('rules', ''),
        access: 'rules',
        allowed: false,
        rule: { line: 3, text: 'Disallow: /private/' },
        crawlDelayMs: 200,
        expiresAt: expect.stringMatching(`^${time}$`) as string,
      },
    },
  });

  await cli.crawl(at('plain', '/private/6'), '--no-robots', '-q', '-o', 'other.db');
  expect((await cli.crawl('explain', at('plain', '/private/6'), '--db', 'other.db')).stdout).toMatch(
    /^ {2}Robots +not read \(--no-robots\)$/m,
  );
});
