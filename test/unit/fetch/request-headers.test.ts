import { expect, test } from 'vitest';
import { RequestHeaders, type RequestHeaderOptions } from '../../../src/fetch/request-headers.ts';

function make(options: Partial<RequestHeaderOptions> = {}): { headers: RequestHeaders; warnings: string[] } {
  const warnings: string[] = [];
  const warn = (_key: string, message: string): void => void warnings.push(message);
  return {
    headers: new RequestHeaders({ headers: {}, originHeaders: {}, userAgent: 'weir', warn, ...options }),
    warnings,
  };
}

function pairs(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] ?? '']] : [])));
}

/** The headers of the first request to a listed URL. */
function listed(headers: RequestHeaders, url: string): Record<string, string> {
  return pairs(headers.forLease(new URL(url), true));
}

const DEFAULTS = ['accept', 'accept-encoding', 'user-agent'];

test('every request says who asks and what it can decode', () => {
  const { headers } = make({ userAgent: 'weir/1' });
  expect(listed(headers, 'http://a.com/')).toMatchObject({
    'user-agent': 'weir/1',
    'accept-encoding': 'gzip, deflate, br, zstd',
  });
});

test('the headers of the user win, however they are spelled', () => {
  const { headers } = make({ headers: { 'Accept-ENCODING': 'identity', 'User-Agent': 'me' } });
  expect(listed(headers, 'http://a.com/')).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': 'me' });
});

test('what authenticates goes to listed URLs, and not where a redirect leads', () => {
  const { headers } = make({
    headers: { Authorization: 'a', Cookie: 'b', 'X-Api-Key': 'c', Host: 'd', 'X-Harmless': 'e' },
  });
  const first = headers.forLease(new URL('http://a.com/'), true);
  expect(pairs(first)).toMatchObject({
    authorization: 'a',
    cookie: 'b',
    'x-api-key': 'c',
    host: 'd',
    'x-harmless': 'e',
  });
  expect(headers.forHop(new URL('http://a.com/next'), false, first)).toBe(first);
  const elsewhere = pairs(headers.forHop(new URL('http://b.com/'), true, first));
  expect(Object.keys(elsewhere)).toEqual([...DEFAULTS, 'x-harmless']);
});

test('of URLs that were found, only those of a listed origin get what authenticates', () => {
  const { headers } = make({ headers: { Authorization: 'a' } });
  headers.forLease(new URL('http://a.com/'), true);
  expect(pairs(headers.forLease(new URL('http://a.com/found'), false))['authorization']).toBe('a');
  expect(pairs(headers.forLease(new URL('https://a.com/found'), false))['authorization']).toBeUndefined();
});

test('a second site that gets them is worth a warning, a second host of the site is not', () => {
  const { headers, warnings } = make({ headers: { Authorization: 'a', 'X-Api-Key': 'b' } });
  for (const host of ['www.a.co.uk', 'a.co.uk', 'b.a.co.uk']) listed(headers, `https://${host}/`);
  expect(warnings).toEqual([]);
  for (const host of ['b.co.uk', 'c.com']) listed(headers, `https://${host}/`);
  expect(warnings).toEqual([
    expect.stringMatching(/authorization, x-api-key .*\(www\.a\.co\.uk, b\.co\.uk\).*origin-headers/),
  ]);
});

test('headers without secrets may go anywhere without a word', () => {
  const { headers, warnings } = make({ headers: { 'Accept-Language': 'de' } });
  for (const host of ['a.com', 'b.com']) listed(headers, `https://${host}/`);
  expect(warnings).toEqual([]);
});

test('headers of an origin go to it alone, from wherever a redirect comes', () => {
  const { headers } = make({
    headers: { Authorization: 'for all' },
    originHeaders: { 'https://a.com': { Authorization: 'for a' }, 'https://*.a.com': { 'X-Key': 'for hosts of a' } },
  });
  expect(listed(headers, 'https://a.com/')).toMatchObject({ authorization: 'for a' });
  expect(listed(headers, 'http://a.com/')).toMatchObject({ authorization: 'for all' });
  expect(listed(headers, 'https://a.com:444/')).toMatchObject({ authorization: 'for all' });
  expect(listed(headers, 'https://a.com/')['x-key']).toBeUndefined();
  expect(listed(headers, 'https://www.a.com/')['x-key']).toBe('for hosts of a');
  const hop = pairs(headers.forHop(new URL('https://a.com/'), true, []));
  expect(hop['authorization']).toBe('for a');
  expect(pairs(headers.forHop(new URL('https://evil-a.com/'), true, []))['authorization']).toBeUndefined();
});

test('the password of a listed URL goes to its origin alone; of two the first stays, with a warning', () => {
  const { headers, warnings } = make({ headers: { Authorization: 'for all' } });
  expect(listed(headers, 'http://a.com/')).toMatchObject({ authorization: 'for all' });
  headers.addPassword('http://a.com', 'Basic 1');
  headers.addPassword('http://a.com', 'Basic 1');
  expect(warnings).toEqual([]);
  headers.addPassword('http://a.com', 'Basic 2');
  expect(warnings).toEqual([expect.stringContaining('http://a.com')]);
  expect(warnings.join()).not.toContain('Basic');
  expect(listed(headers, 'http://a.com/')).toMatchObject({ authorization: 'Basic 1' });
  expect(listed(headers, 'http://a.com:81/')).toMatchObject({ authorization: 'for all' });
});

test('a run without secrets has one list of headers', () => {
  const { headers } = make({ headers: { 'X-Harmless': 'e' } });
  const list = headers.forLease(new URL('http://a.com/'), true);
  expect(headers.forLease(new URL('http://b.com/'), false)).toBe(list);
  expect(headers.forHop(new URL('http://c.com/'), true, list)).toBe(list);
});

test('headers that cannot be sent are refused at the start, all at once', () => {
  const headers = { 'Content-Length': '5', 'bad name': 'x', ok: 'line\r\nbreak' };
  const originHeaders = { 'https://a.com': { Upgrade: 'x' } };
  expect(() => make({ headers, originHeaders })).toThrow(/Content-Length[^]*bad name[^]*ok[^]*Upgrade/);
});
