/** Cookies over many hosts: nock answers at the level of sockets, everything of the fetch stage above them is the real thing. */
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FetcherOptions } from '../../../src/fetch/fetcher.ts';
import { fetchHarness, type FetchHarness } from '../../support/fetch-harness.ts';

let harness: FetchHarness;
/** What came with each request, as 'URL: Cookie'. */
let seen: string[];

beforeAll(() => nock.disableNetConnect());

beforeEach(() => {
  seen = [];
  harness = harnessWith({});
});

afterEach(async () => {
  harness.fetcher.destroy();
  await harness.fetcher.close();
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

afterAll(() => nock.restore());

function harnessWith(options: Partial<FetcherOptions>): FetchHarness {
  // A documentation address (RFC 5737): should nock let a socket out, it would lead nowhere.
  const lookup: FetcherOptions['lookup'] = (_hostname, callback) =>
    callback(null, [{ address: '192.0.2.1', family: 4 }]);
  return fetchHarness({ lookup, ...options });
}

/** Answers `url` once, with `setCookie`, redirecting `to` another if given. */
function answer(url: string, setCookie: string[] = [], to?: string): void {
  const { origin, pathname } = new URL(url);
  nock(origin)
    .get(pathname)
    .reply((request: Request) => {
      seen.push(`${url}: ${request.headers.get('cookie') ?? ''}`);
      const headers: [string, string][] = setCookie.map((field) => ['set-cookie', field]);
      if (to !== undefined) headers.push(['location', to]);
      return [to === undefined ? 200 : 302, '', headers.flat()];
    });
}

test('a login over three hosts: each gets its own cookies, whichever hop set them', async () => {
  answer('https://www.a.com/', ['pending=1; Path=/'], 'https://login.a.com/');
  answer('https://login.a.com/', ['sid=7; Domain=a.com; Path=/; Secure', 'own=1'], 'https://tracker.com/');
  answer('https://tracker.com/', ['sid=stolen; Domain=a.com', 'x=1'], 'https://www.a.com/in');
  answer('https://www.a.com/in', [], 'http://www.a.com/plain');
  answer('http://www.a.com/plain');
  answer('https://tracker.com/later');
  await harness.get('https://www.a.com/');
  await harness.get('https://tracker.com/later');
  expect(seen).toEqual([
    'https://www.a.com/: ',
    'https://login.a.com/: ',
    'https://tracker.com/: ',
    'https://www.a.com/in: pending=1; sid=7',
    // Secure cookies stay behind where the encryption ends.
    'http://www.a.com/plain: pending=1',
    'https://tracker.com/later: x=1',
  ]);
});

test('a page that sets a cookie and sends back to itself is no loop; one that only sends back is', async () => {
  answer('http://check.com/', ['seen=1'], 'http://check.com/');
  answer('http://check.com/');
  expect((await harness.get('http://check.com/')).attempt).toMatchObject({ status: 200, errorClass: null });
  answer('http://check.com/', ['seen=1'], 'http://check.com/');
  expect((await harness.get('http://check.com/')).attempt).toMatchObject({ errorClass: 'redirect-loop' });
  expect(seen.map((line) => line.split(': ')[1])).toEqual(['', 'seen=1', 'seen=1']);
});

test('answers at the same time lose none of their cookies', async () => {
  const paths = Array.from({ length: 12 }, (_, i) => `http://a.com/${i}`);
  paths.forEach((url, i) => answer(url, [`c${i}=1; Path=/`]));
  await Promise.all(paths.map((url) => harness.get(url)));
  seen = [];
  answer('http://a.com/all');
  await harness.get('http://a.com/all');
  const cookies = seen[0]?.replace('http://a.com/all: ', '').split('; ').sort();
  expect(cookies).toEqual(paths.map((_, i) => `c${i}=1`).sort());
});

test('cookies of the user go along, as the server has set them since', async () => {
  harness = harnessWith({ headers: { Cookie: 'sid=old; lang=de' } });
  answer('http://a.com/', ['sid=new']);
  answer('http://a.com/');
  await harness.get('http://a.com/');
  await harness.get('http://a.com/');
  expect(seen).toEqual(['http://a.com/: sid=old; lang=de', 'http://a.com/: lang=de; sid=new']);
});

test('with cookies off none is kept', async () => {
  harness = harnessWith({ cookies: false });
  answer('http://a.com/', ['a=1'], 'http://a.com/next');
  answer('http://a.com/next');
  await harness.get('http://a.com/');
  expect(seen).toEqual(['http://a.com/: ', 'http://a.com/next: ']);
});
