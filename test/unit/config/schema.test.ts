import { expect, test } from 'vitest';
import * as z from 'zod';

import { SETTINGS } from '../../../src/config/options.ts';
import { checkConfig, configJsonSchema } from '../../../src/config/schema.ts';

function messages(raw: unknown): string[] {
  return checkConfig(raw).problems.map(({ path, message }) => `${path} | ${message}`);
}

test('values are parsed to ms and bytes, by path', () => {
  const { values, problems } = checkConfig({ fetch: { timeout: '10s', 'max-size': '2MB', concurrency: 'auto' } });
  expect(problems).toEqual([]);
  expect(Object.fromEntries(values)).toEqual({
    'fetch.timeout': 10_000,
    'fetch.max-size': 2_000_000,
    'fetch.concurrency': 'auto',
  });
});

test('all problems come at once, each with its path, the value got and the remedy', () => {
  expect(
    messages({
      fetch: { concurrency: 'fast', timeout: 30, retires: 2, 'per-host': 4 },
      concurrency: 5,
      parse: 'none',
      storage: { bodies: 'zip', durable: 'yes' },
    }).sort(),
  ).toEqual([
    'concurrency | concurrency is not a known key; did you mean fetch.concurrency?',
    'fetch.concurrency | concurrency must be an integer ≥ 1 or "auto", got "fast"',
    'fetch.per-host | per-host is not a known key; did you mean politeness.per-host?',
    'fetch.retires | retires is not a known key; did you mean retries?',
    'fetch.timeout | timeout must be a duration such as 500ms, 30s, 5m or 2h, got 30; a number needs its unit: 30s or 30ms',
    'parse | parse is a group: its keys (parse, parsers, links, text) stand below it, indented, got "none"',
    'storage.bodies | bodies must be one of packed, plain, none, got "zip"',
    'storage.durable | durable must be true or false, got "yes"',
  ]);
});

test('a file that is no map is one problem', () => {
  expect(messages(['fetch'])).toEqual([' | the configuration must be a map of groups such as fetch: and storage:']);
});

test('an empty file and an empty group set nothing', () => {
  expect(checkConfig(null)).toEqual({ values: new Map(), problems: [] });
  expect(checkConfig({ fetch: null, storage: { output: null } }).problems).toEqual([]);
});

test('settings of single hosts are read as those for all are', () => {
  const { values, problems } = checkConfig({
    politeness: {
      jitter: 0.5,
      hosts: {
        'Example.com': { 'per-host': 1, delay: '2s', jitter: 1 },
        '*.example.com': { rate: '30/m', insecure: true, delay: null },
      },
    },
  });
  expect(problems).toEqual([]);
  expect(Object.fromEntries(values)).toEqual({
    'politeness.jitter': 0.5,
    'politeness.hosts': {
      'example.com': { perHost: 1, delayMs: 2_000, jitter: 1 },
      '*.example.com': { rate: 0.5, insecure: true },
    },
  });
});

test('problems of single hosts carry their path', () => {
  const hosts = {
    'https://a.test': {},
    'a.test': { delay: 5, 'per-hots': 3 },
    'A.test': {},
    'a.test.': {},
    'b.test': 2,
    'c.test': { jitter: 2, robots: 0 },
  };
  expect(messages({ politeness: { hosts } })).toEqual([
    'politeness.hosts.https://a.test | https://a.test must be a host such as example.com, or *.example.com for all names below it, without scheme or port, got "https://a.test"',
    'politeness.hosts.a.test.delay | a.test.delay must be a duration such as 500ms, 30s, 5m or 2h, got 5; a number needs its unit: 5s or 5ms',
    'politeness.hosts.a.test.per-hots | a.test.per-hots is not a setting of a single host; did you mean per-host?',
    'politeness.hosts.A.test | A.test stands twice: it is the same host as a.test',
    'politeness.hosts.a.test. | a.test. stands twice: it is the same host as a.test',
    'politeness.hosts.b.test | b.test must be a map of per-host, delay, rate, jitter, insecure, got 2',
    'politeness.hosts.c.test.jitter | c.test.jitter must be a number from 0 to 1, got 2',
    'politeness.hosts.c.test.robots | c.test.robots is not a setting of a single host; the keys here are per-host, delay, rate, jitter, insecure',
  ]);
  expect(messages({ politeness: { hosts: ['a.test'] } })).toEqual([
    'politeness.hosts | hosts must be a map of host names to their settings, got ["a.test"]',
  ]);
});

test.each([0, -1, 1.5, '5', 10_001, Number.NaN])('%j is no concurrency', (value) => {
  expect(messages({ fetch: { concurrency: value } })).toHaveLength(1);
});

test('a header value with a line break is refused and not shown', () => {
  const [message = ''] = messages({ fetch: { headers: { 'x-token': 'secret\r\nx-evil: 1' } } });
  expect(message).toContain('must have a text of one line as the value of x-token');
  expect(message).not.toContain('secret');
});

test('extraction rules: data sets, short form, attributes and lists', () => {
  const { values, problems } = checkConfig({
    extract: {
      title: 'h1',
      canonical: 'link[rel=canonical]@href',
      products: { rows: 'li.product', fields: { name: 'h3', tags: { select: '.tag', attr: 'title', list: true } } },
    },
  });
  expect(problems).toEqual([]);
  expect(values.get('extract')).toEqual({
    products: {
      name: 'products',
      rows: 'li.product',
      fields: {
        name: { selector: 'h3', attribute: null, list: false },
        tags: { selector: '.tag', attribute: 'title', list: true },
      },
    },
    extracted: {
      name: 'extracted',
      rows: null,
      fields: {
        title: { selector: 'h1', attribute: null, list: false },
        canonical: { selector: 'link[rel=canonical]', attribute: 'href', list: false },
      },
    },
  });
});

test('an @ inside a selector is not taken for an attribute', () => {
  const { values } = checkConfig({ extract: { mail: 'a[href="mailto:a@b.example"]' } });
  expect(values.get('extract')).toMatchObject({ extracted: { fields: { mail: { attribute: null } } } });
});

test('problems of extraction rules carry their path', () => {
  expect(
    messages({
      extract: {
        pages: { fields: { a: 'b' } },
        'no name': { fields: { a: 'b' } },
        empty: { fields: {} },
        odd: {
          row: 'li',
          fields: { 'a b': 'x', twice: 'x', Twice: 'y', list: { select: 3 }, more: { select: 'x', atr: 'y' } },
        },
      },
    }).map((message) => message.split(' | ')[0]),
  ).toEqual([
    'extract.pages',
    'extract.no name',
    'extract.empty.fields',
    'extract.odd.row',
    'extract.odd.fields.a b',
    'extract.odd.fields.Twice',
    'extract.odd.fields.list',
    'extract.odd.fields.more.atr',
  ]);
});

test('the published JSON Schema knows every setting and accepts what the program accepts', () => {
  const schema = configJsonSchema();
  const check = z.fromJSONSchema(schema);
  const paths = [...SETTINGS.keys()].filter(
    (path) => !JSON.stringify(schema).includes(`"${path.split('.').at(-1) ?? ''}"`),
  );
  expect(paths).toEqual([]);
  const good = {
    fetch: { concurrency: 5, timeout: '30s', 'max-size': '10MB', headers: { 'accept-language': 'de' } },
    politeness: { delay: 0, rate: '2/s', hosts: { 'a.test': { delay: '2s', insecure: true } } },
    extract: { title: 'h1', products: { rows: 'li', fields: { a: { select: 'b', list: true } } } },
    storage: null,
  };
  expect(checkConfig(good).problems).toEqual([]);
  expect(check.safeParse(good).error?.issues ?? []).toEqual([]);
  for (const bad of [
    { fetch: { concurrency: 'fast' } },
    { fetch: { timeout: 30 } },
    { fetsh: {} },
    { politeness: { hosts: { 'a.test': { timeout: '1s' } } } },
    { politeness: { jitter: 2 } },
    { storage: { bodies: 'zip' } },
  ]) {
    expect(checkConfig(bad).problems).not.toEqual([]);
    expect(check.safeParse(bad).success).toBe(false);
  }
});
