/**
 * robots.txt over the whole pipeline, against a real server whose hosts each answer the request for it in another way. Each
 * kind of answer alone is a fault of `crawl demo --faults` (`faults.test.ts`); here is what follows from some of them.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crawl, type Outcome } from '../../src/index.ts';
import { cliFolder } from '../support/cli.ts';
import { temporaryFolder } from '../support/store-fixtures.ts';
import { listen } from '../support/listen.ts';

const RULES = 'User-agent: *\nDisallow: /private/\n';

/** Each is found only where a path of `a` ends. */
const MANY = Array.from(
  { length: 2_000 },
  (_, i) => `Disallow: /*${'a'.repeat(9 + (i % 230))}b${'*a'.repeat(1 + i / 230)}`,
);

type Answer = (response: ServerResponse, request: IncomingMessage, hit: number) => void;

function file(body: string): Answer {
  return (response) => void response.end(body);
}

function status(code: number): Answer {
  return (response) => void response.writeHead(code).end('no');
}

/** By the first label of the host; others have no robots.txt. */
const HOSTS: Record<string, Answer> = {
  plain: file(RULES),
  many: file(`User-agent: *\n${MANY.join('\n')}`),
  agents: file('User-agent: alpha\nDisallow: /alpha\n\nUser-agent: beta\nDisallow: /beta\n'),
  '503': status(503),
  healing: (response, request, hit) => (hit === 1 ? status(500) : file(RULES))(response, request, hit),
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
    if (path === '/robots.txt') (HOSTS[name] ?? status(404))(response, request, hit);
    else if (path === '/to') {
      response.writeHead(302, { location: decodeURIComponent(url.split('?')[1] as string) }).end();
    } else response.end(`<title>${url}</title>`);
  });
  port = await listen(server);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
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

test('a robots.txt that fails is asked for again, and obeyed when it comes', async () => {
  const urls = [at('healing', '/open'), at('healing', '/private/1')];
  const ends = await endsOf(crawl({ urls, output: `${folder.file}.healing.db`, retries: 1 }));
  expect(urls.map((url) => ends.get(url))).toEqual(['done', 'skipped blocked-robots']);
  expect(query(`${folder.file}.healing.db`, 'SELECT access, tries FROM origin')).toEqual([
    { access: 'rules', tries: 2 },
  ]);
  expect(hits.has(at('healing', '/private/1'))).toBe(false);
});

test('an answer holds for later runs of the file', async () => {
  await endsOf(crawl({ urls: at('plain', '/open'), output: folder.file }));
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

test('what robots.txt says of a URL is told as the run had it that decided, whatever a later one calls itself', async () => {
  await using cli = await cliFolder();
  const output = `${cli.path}/a.db`;
  const [first, second] = [at('agents', '/alpha'), at('agents', '/beta')];
  const told = async (...urls: string[]): Promise<string[]> =>
    (await cli.ask('explain', '--db', 'a.db', ...urls)).stdout.split('\n\n');
  await endsOf(crawl({ urls: [first, second], output, userAgent: 'alpha/1.0' }));
  expect(await told(first, second)).toEqual([
    expect.stringMatching(/Robots +forbidden by line 2 "Disallow: \/alpha"/),
    expect.stringMatching(/Robots +allowed, no rule matches/),
  ]);
  // It has nothing to do, and decides nothing.
  await endsOf(crawl({ urls: [first, second], output, userAgent: 'beta/1.0', add: true }));
  const asAlpha = [
    expect.stringMatching(
      /Robots +as alpha: forbidden by line 2 "Disallow: \/alpha"[^]*crawl retry a.db --error blocked-robots --host agents.localhost$/,
    ),
    expect.stringMatching(/Robots +as alpha: allowed, no rule matches/),
  ];
  expect(await told(first, second)).toEqual(asAlpha);
  // The URLs of one run are forbidden to it, those of another are not.
  const [third, fourth] = [at('agents', '/beta/2'), at('agents', '/alpha/2')];
  await endsOf(crawl({ urls: [third, fourth], output, userAgent: 'beta/1.0', add: true }));
  expect(await told(first, second, third, fourth)).toEqual([
    ...asAlpha,
    expect.stringMatching(/Robots +forbidden by line 5 "Disallow: \/beta"/),
    expect.stringMatching(/Robots +allowed, no rule matches/),
  ]);
});

test('a path that is too long for the many rules of its origin is forbidden, and the reason is told', async () => {
  const long = `/${'a'.repeat(10_000)}b`;
  const url = at('many', long);
  const redirect = at('404', `/to?${encodeURIComponent(url)}`);
  await using cli = await cliFolder();
  const output = `${cli.path}/many.db`;
  const ends = await endsOf(crawl({ urls: [url, at('many', '/short'), redirect], output, retries: 0 }));
  expect(ends.get(url)).toBe('skipped blocked-robots');
  expect(ends.get(at('many', '/short'))).toBe('done');
  expect(ends.get(redirect)).toBe('failed blocked-robots');
  expect(query(output, 'SELECT error FROM errors')).toEqual([
    { error: expect.stringContaining('has too many rules with * to be held against so long a path') },
  ]);
  const { stdout } = await cli.ask('explain', url, '--db', output);
  expect(stdout).toContain('forbidden, as it has too many rules with * to be held against so long a path');
  expect(hits.has(url)).toBe(false);
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

test('Crawl-delay slows the host down', async () => {
  HOSTS['delayed'] = file('User-agent: *\nCrawl-delay: 0.1');
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
  HOSTS['rules'] = file('User-agent: weir-crawl\nCrawl-delay: 0.2\nDisallow: /private/\n\nAllow: /private/open\n');
  await using cli = await cliFolder();
  const urls = ['/free', '/private/open', '/private/5'].map((path) => at('rules', path));
  urls.push(at('503', '/explained'), at('404', '/explained'));
  await endsOf(crawl({ urls, output: `${cli.path}/list.db`, retries: 1 }));
  const { stdout } = await cli.ask('explain', ...urls, '--db', 'list.db');
  const robots = [...stdout.matchAll(/^ {2}Robots +(.*)$/gm)].map(([, text]) => text);
  const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;
  const read = `; read ${time}, counts until ${time}$`;
  for (const [index, expected] of [
    `^allowed, no rule matches${read}`,
    `^allowed by line 5 "Allow: /private/open"${read}`,
    `^forbidden by line 3 "Disallow: /private/"${read}`,
    `^could not be read \\(http-5xx: HTTP 503.*, asked 2 times\\): everything is forbidden there; asked ${time}; crawl retry --error blocked-robots asks again$`,
    `^allowed, as there is none \\(http-4xx: HTTP 404.*\\)${read}`,
  ].entries()) {
    expect(robots[index]).toMatch(new RegExp(expected));
  }
  // What the file asks for slows the host's pace down.
  expect(stdout).toContain('rules.localhost; at most 16 fetches at a time, 200 ms from start to start');
  expect(stdout).toContain('--error blocked-robots --host rules.localhost --no-robots');
  expect(stdout).toMatch(/--error blocked-robots --host 503\.localhost$/m);

  const [, , forbidden] = urls as [string, string, string];
  const told = JSON.parse((await cli.ask('explain', '--json', forbidden, '--db', 'list.db')).stdout) as object;
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

  await endsOf(crawl({ urls: at('plain', '/private/6'), robots: false, output: `${cli.path}/other.db` }));
  expect((await cli.ask('explain', at('plain', '/private/6'), '--db', 'other.db')).stdout).toMatch(
    /^ {2}Robots +not read \(--no-robots\)$/m,
  );
});
