import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { loadSettings } from '../../../src/config/load.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';
import type { ConfigError } from '../../../src/model/errors.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'weir-config-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a User-Agent header is the user agent, by which robots.txt is read', () => {
  const agentOf = (argv: Record<string, string[]>): string =>
    load({ argv, seeds: ['http://a.test/'] }).settings.fetch.userAgent;
  expect(agentOf({ header: ['user-AGENT: foobot/1'] })).toBe('foobot/1');
  expect(agentOf({ header: ['User-Agent: foobot/1'], 'user-agent': ['other'] })).toBe('foobot/1');
  expect(agentOf({ header: ['Accept: text/html'], 'user-agent': ['other'] })).toBe('other');
});

type Request = Partial<Parameters<typeof loadSettings>[0]>;

function load(request: Request): ReturnType<typeof loadSettings> {
  return loadSettings({ argv: {}, env: {}, cwd: folder, ...request });
}

function problems(request: Request): readonly string[] {
  try {
    load(request);
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
}

function configFile(name: string, text: string): string {
  writeFileSync(path.join(folder, name), text);
  return name;
}

const LIST = { urls: ['list.txt'] };

test('the defaults are those that are documented', () => {
  const { settings, display, failOnError } = load({ argv: LIST });
  expect(settings).toEqual({
    input: {
      urls: [path.join(folder, 'list.txt')],
      seeds: [],
      urlPattern: [],
      urlColumn: null,
      add: false,
      strict: false,
    },
    fetch: {
      concurrency: 'auto',
      timeoutMs: 30_000,
      deadlineMs: 120_000,
      retries: 3,
      maxSize: 10_000_000,
      headers: {},
      userAgent: expect.stringMatching(/^weir-crawl\/\d+\.\d+\.\d+/) as unknown,
      cookies: true,
      proxy: null,
      originHeaders: {},
      insecure: false,
      http1: false,
    },
    politeness: { perHost: null, delayMs: null, rate: null, jitter: 0, hosts: {}, robots: true, allowPrivate: false },
    parse: { mode: 'full', parsers: null, links: 'all', text: true, extract: [] },
    storage: {
      output: path.join(folder, 'data/list.db'),
      bodies: 'packed',
      durable: false,
      minFree: 200_000_000,
      fresh: false,
      force: false,
    },
    limits: { maxPages: null, maxBytes: null, maxTimeMs: null },
    pipeline: { queueSize: 1000, pageQueue: 256, bytesInFlight: 64_000_000 },
  });
  expect(display).toEqual({ progress: 'auto', json: false, quiet: false, verbose: false });
  expect(failOnError).toBe(false);
});

test('flag beats environment beats config file beats last run beats default, and each origin is named', () => {
  const file = configFile('order.yaml', 'fetch: { retries: 3, timeout: 13s, max-size: 3MB, concurrency: 3 }');
  const { settings, origins } = load({
    argv: { output: ['x.db'], retries: ['1'] },
    env: { CRAWL_FETCH__RETRIES: '2', CRAWL_FETCH__TIMEOUT: '12s' },
    configFile: file,
    previousRun: { fetch: { retries: 4, timeout: '14s', 'max-size': '4MB', deadline: '44s' } },
  });
  expect(settings.fetch).toMatchObject({ retries: 1, timeoutMs: 12_000, maxSize: 3_000_000, deadlineMs: 44_000 });
  const keys = ['fetch.retries', 'fetch.timeout', 'fetch.max-size', 'fetch.deadline', 'fetch.http1'];
  expect(keys.map((key) => origins.get(key))).toEqual(['flag', 'environment', 'order.yaml', 'last run', 'default']);
});

test('--set reaches every key, and a flag of its own beats it', () => {
  const set = ['pipeline.page-queue=5', 'fetch.retries=7', 'fetch.timeout=9s'];
  const { settings } = load({ argv: { ...LIST, set, timeout: ['8s'] } });
  expect(settings.pipeline.pageQueue).toBe(5);
  expect(settings.fetch).toMatchObject({ retries: 7, timeoutMs: 8000 });
});

test('the last of several flags of one value wins', () => {
  expect(load({ argv: { ...LIST, retries: ['1', '2'] } }).settings.fetch.retries).toBe(2);
});

test('all problems of all places come at once, each naming its place', () => {
  const file = configFile('wrong.yaml', 'fetch:\n  concurrency: fast\n  tiemout: 3s\n');
  expect(
    problems({
      argv: { ...LIST, retries: ['-1'], set: ['concurrency=3', 'nonsense'] },
      env: {
        CRAWL_FETCH__DEADLIN: '3s',
        CRAWL_RETRIES: '1',
        CRAWL_POLITENESS__DELAY: 'slow',
        CRAWL_DB: 'x.db',
        HOME: '/',
      },
      configFile: file,
    }),
  ).toEqual([
    'concurrency is not a known key; did you mean fetch.concurrency? (--set)',
    'set must be written KEY=VALUE, such as fetch.timeout=10s, got "nonsense" (--set)',
    'retries must be an integer ≥ 0, got -1 (--retries)',
    'CRAWL_FETCH__DEADLIN is not a setting; did you mean CRAWL_FETCH__DEADLINE? (environment)',
    'CRAWL_RETRIES is not a setting; did you mean CRAWL_FETCH__RETRIES? (environment)',
    'delay must be a duration such as 500ms, 30s, 5m or 2h, got "slow" (CRAWL_POLITENESS__DELAY)',
    'concurrency must be an integer ≥ 1 or "auto", got "fast" (wrong.yaml: fetch.concurrency)',
    'tiemout is not a known key; did you mean timeout? (wrong.yaml: fetch.tiemout)',
  ]);
});

test.each([
  ['a file that is not there', 'no.yaml', /^the config file no\.yaml cannot be read: there is no such file/],
  ['a folder', '.', /is a folder, not a config file/],
])('%s is one problem', (_, file, expected) => {
  expect(problems({ configFile: file })).toEqual([expect.stringMatching(expected)]);
});

test('broken YAML is reported with line and column, and so is a key that stands twice', () => {
  expect(problems({ configFile: configFile('broken.yaml', 'fetch:\n  headers: {a: b\n') })[0]).toMatch(
    /\(broken\.yaml:\d+:\d+\)$/,
  );
  expect(problems({ configFile: configFile('twice.yaml', 'fetch:\n  retries: 1\n  retries: 2\n') })[0]).toMatch(
    /unique.*\(twice\.yaml:3:3\)$/,
  );
});

test('JSON is read too, with a byte order mark', () => {
  const file = configFile(
    'crawl.json',
    '\uFEFF{"$schema": "x.json", "fetch": {"retries": 9}, "input": {"urls": "list.txt"}}',
  );
  expect(load({ configFile: file }).settings.fetch.retries).toBe(9);
});

test('paths of a config file are relative to it, and it names the output', () => {
  const file = configFile('shop.yaml', 'input: { urls: [../a.txt, "-"] }');
  const { settings } = load({ configFile: file });
  expect(settings.input.urls).toEqual([path.join(path.dirname(folder), 'a.txt'), '-']);
  expect(settings.storage.output).toBe(path.join(folder, 'data/shop.db'));
});

test('a list on the command line puts the sources of the config file aside', () => {
  const file = configFile('sources.yaml', 'input: { urls: a.txt, url-pattern: "http://h/{1..3}" }');
  const { settings } = load({ configFile: file, argv: LIST });
  expect(settings.input).toMatchObject({ urls: [path.join(folder, 'list.txt')], urlPattern: [] });
  expect(settings.storage.output).toBe(path.join(folder, 'data/list.db'));
});

test.each([
  [{ argv: { urls: ['lists/pages.csv.gz'] } }, 'pages'],
  [{ argv: { urls: ['-'] } }, 'stdin'],
  [{ argv: {}, seeds: ['http://Shop.Example:8080/x'] }, 'shop.example'],
  [{ argv: {}, seeds: ['example.com/x'] }, 'example.com'],
  [{ argv: { 'url-pattern': ['http://h.example/page{0..9}'] } }, 'h.example'],
  [{ argv: { urls: ['a.txt', 'b.txt'] } }, 'a'],
  [{ argv: {}, env: { CRAWL_INPUT__URLS: 'env.txt' } }, 'env'],
])('%j is written to data/%s.db', (request, name) => {
  expect(load(request).settings.storage.output).toBe(path.join(folder, 'data', `${name}.db`));
});

test('--output is used as it is', () => {
  expect(load({ argv: { ...LIST, output: ['sub/my.sqlite'] } }).settings.storage.output).toBe(
    path.join(folder, 'sub/my.sqlite'),
  );
});

test('with nothing to crawl and no file to continue, the message says what to give', () => {
  expect(problems({})[0]).toMatch(/^nothing to crawl: give a list \(crawl --urls list\.txt\)/);
});

test('headers are merged by name over all places, ignoring case', () => {
  const file = configFile('headers.yaml', 'fetch: { headers: { Accept-Language: de, X-A: file } }');
  const { settings } = load({ configFile: file, argv: { ...LIST, header: ['x-a: flag', 'X-B:  two words '] } });
  expect(settings.fetch.headers).toEqual({ 'accept-language': 'de', 'x-a': 'flag', 'x-b': 'two words' });
});

test('all --extract flags together form one data set', () => {
  const { settings } = load({ argv: { ...LIST, extract: ['price=.price', 'tags[]=ul li', 'link=a.more@href'] } });
  expect(settings.parse.extract).toEqual([
    {
      name: 'extracted',
      rows: null,
      fields: {
        price: { selector: '.price', attribute: null, list: false },
        tags: { selector: 'ul li', attribute: null, list: true },
        link: { selector: 'a.more', attribute: 'href', list: false },
      },
    },
  ]);
  expect(problems({ argv: { ...LIST, extract: ['price'] } })).toEqual([
    'extract must be NAME=CSS, NAME=CSS@ATTRIBUTE or NAME[]=CSS, such as \'price=.price\', got "price" (--extract)',
  ]);
});

test('selectors are checked before anything runs, with their place', () => {
  const file = configFile('css.yaml', 'extract: { shop: { rows: "li[", fields: { a: b } } }\ninput: { urls: l.txt }');
  const checkSelector = (selector: string): string | null => (selector === 'li[' ? 'unclosed bracket' : null);
  expect(problems({ configFile: file, checkSelector })).toEqual([
    'rows: "li[" is not a CSS selector: unclosed bracket (css.yaml: extract, shop.rows)',
  ]);
});

test.each([
  [{ quiet: true, verbose: true }, 'quiet and verbose contradict each other (--quiet)'],
  [{ fresh: true, add: true }, 'fresh starts over and add keeps the file: use one of them (--fresh)'],
  [{ force: true }, 'force belongs to --fresh and does nothing alone (--force)'],
  [{ timeout: ['3m'] }, 'timeout is 3m, longer than the deadline of 2m; raise --deadline too (--timeout)'],
  [
    { parse: ['none'], extract: ['a=b'] },
    'extract needs parsed pages, but parse is none; use --parse full or links (--extract)',
  ],
])('%j contradicts itself', (argv, expected) => {
  expect(problems({ argv: { ...LIST, ...argv } })).toEqual([expected]);
});

test('a deadline shorter than the default time-out is no contradiction', () => {
  expect(problems({ argv: { ...LIST, deadline: ['5s'] } })).toEqual([]);
});

test('what is recorded reads back as the same settings, without secrets', () => {
  const argv = {
    ...LIST,
    header: ['Authorization: Bearer s3cret', 'Accept: text/html'],
    timeout: ['1500ms'],
    rate: ['30/m'],
    text: false,
    extract: ['a[]=b@c'],
    set: ['politeness.hosts={"a.test":{"delay":"2s","rate":"30/m","insecure":true}}'],
    'url-pattern': ['http://user:s3cret@h/{1..2}'],
  };
  const { settings, configJson } = load({ argv });
  expect(configJson).not.toContain('s3cret');
  const again = load({
    argv: { output: ['x.db'], header: ['Authorization: Bearer s3cret'] },
    previousRun: JSON.parse(configJson) as object,
  });
  expect(again.settings.fetch).toEqual(settings.fetch);
  expect(again.settings.parse).toEqual(settings.parse);
  expect(again.settings.politeness).toEqual(settings.politeness);
  expect(again.settings.pipeline).toEqual(settings.pipeline);
});

test('a run is not continued without the secrets that it had', () => {
  const { configJson } = load({ argv: { ...LIST, header: ['Cookie: a=b'] } });
  const previousRun = JSON.parse(configJson) as object;
  expect(problems({ argv: { output: ['x.db'] }, previousRun })).toEqual([
    "the last run sent the header cookie, whose value is not recorded; give it again: -H 'cookie: …' (fetch.headers)",
  ]);
});

test('resolving reports problems without throwing, so that more can be added', () => {
  expect(resolveConfig({ argv: { retries: ['x'] }, env: {}, cwd: folder }).problems).toHaveLength(1);
});
