import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COOKIE_LIMITS, CookieJar } from '../../../src/fetch/cookie-jar.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import { suiteCases } from '../../support/suites.ts';

function jarAt(time: number = Date.UTC(2026, 0, 1)): { jar: CookieJar; clock: ManualClock } {
  const clock = new ManualClock(0, time);
  return { jar: new CookieJar(clock), clock };
}

/** What a request to `to` carries after `from` has set `fields`. */
function sent(fields: string | string[], from: string, to: string = from): string | null {
  const { jar } = jarAt();
  jar.store(fields, new URL(from));
  return jar.headerFor(new URL(to));
}

/** Headers are read and written byte by byte, a character each. */
function onTheWire(text: string): string {
  return Buffer.from(text).toString('latin1');
}

it('keeps one set of cookies for a host, with or without the dot of the root', () => {
  expect(sent('a=1', 'https://example.test./', 'https://example.test/')).toBe('a=1');
  expect(sent('a=1', 'https://example.test/', 'https://example.test./')).toBe('a=1');
  expect(sent('a=1; Domain=example.test', 'https://example.test./', 'https://www.example.test./')).toBe('a=1');
  expect(sent('a=1; Domain=com', 'https://example.com./', 'https://other.com./')).toBeNull();
});

describe('the cases of the IETF working group', () => {
  interface Case {
    readonly test: string;
    readonly received: readonly string[];
    readonly 'sent-to'?: string;
    readonly sent: readonly { readonly name: string; readonly value: string }[];
  }
  const cases = suiteCases('http-state/parser.json') as readonly Case[];
  it(`what is received decides what is sent (${cases.length} cases found)`, () => {
    const wrong = cases.filter(({ test, received, 'sent-to': path, sent: expected }) => {
      // Their cookies live until 2019 at least.
      const { jar } = jarAt(Date.UTC(2012, 0, 1));
      const url = new URL(`http://home.example.org:8888/cookie-parser?${test}`);
      // Each in an answer of its own: some cases have several of the same name.
      for (const field of received) jar.store(onTheWire(field), url);
      const header = jar.headerFor(new URL(path ?? `/cookie-parser-result?${test}`, url));
      return (header ?? '') !== onTheWire(expected.map(({ name, value }) => `${name}=${value}`).join('; '));
    });
    expect(wrong).toEqual([]);
  });

  const dates = [
    ...(suiteCases('http-state/examples.json') as readonly { test: string; expected: string | null }[]),
    ...(suiteCases('http-state/bsd-examples.json') as readonly { test: string; expected: string | null }[]),
  ];
  it(`an Expires date is read as browsers read it (${dates.length} cases found)`, () => {
    const wrong = dates.filter(({ test, expected }) => {
      const url = new URL('http://example.org/');
      const time = expected === null ? Date.UTC(2030, 0, 1) : Date.parse(expected);
      // Cookies cannot be set in the past of 1970, nor a session cookie expire.
      const { jar, clock } = jarAt(Math.max(0, time - 1_000));
      jar.store(`a=b; Expires=${test}`, url);
      const before = jar.headerFor(url);
      clock.advance(1_000);
      const after = jar.headerFor(url);
      return expected === null ? after !== 'a=b' : after !== null || (time >= 1_000 && before !== 'a=b');
    });
    expect(wrong).toEqual([]);
  });
});

describe('who gets a cookie', () => {
  it.each([
    ['the host that set it', 'a=1', 'http://x.example.com/', 'http://x.example.com:8080/y', 'a=1'],
    ['no other host of its site', 'a=1', 'http://x.example.com/', 'http://y.example.com/', null],
    ['all hosts of its Domain', 'a=1; Domain=example.com', 'http://x.example.com/', 'http://y.example.com/', 'a=1'],
    [
      'nobody, if it names a foreign Domain',
      'a=1; Domain=other.com',
      'http://x.example.com/',
      'http://other.com/',
      null,
    ],
    [
      'nobody, if it names a host below',
      'a=1; Domain=y.x.example.com',
      'http://x.example.com/',
      'http://x.example.com/',
      null,
    ],
    ['nobody, if it names a public suffix', 'a=1; Domain=co.uk', 'http://shop.co.uk/', 'http://shop.co.uk/', null],
    ['nor a private one', 'a=1; Domain=github.io', 'http://me.github.io/', 'http://me.github.io/', null],
    ['nor a top-level domain', 'a=1; Domain=com', 'http://example.com/', 'http://example.com/', null],
    ['nor a part of an address', 'a=1; Domain=0.0.1', 'http://127.0.0.1/', 'http://127.0.0.1/', null],
    ['a host without a dot', 'a=1', 'http://intranet/', 'http://intranet/x', 'a=1'],
    ['an IPv6 address', 'a=1', 'http://[::1]:80/', 'http://[::1]:81/', 'a=1'],
    ['https only, if Secure', 'a=1; Secure', 'https://example.com/', 'http://example.com/', null],
    ['https, if Secure', 'a=1; Secure', 'https://example.com/', 'https://example.com/', 'a=1'],
    ['nobody, if Secure comes without TLS', 'a=1; Secure', 'http://example.com/', 'https://example.com/', null],
    ['not even this machine, then', 'a=1; Secure', 'http://127.0.0.1/', 'http://127.0.0.1/', null],
    [
      'its host alone with __Host-',
      '__Host-a=1; Secure; Path=/',
      'https://example.com/',
      'https://example.com/',
      '__Host-a=1',
    ],
    [
      'nobody, if __Host- has a Domain',
      '__Host-a=1; Secure; Path=/; Domain=example.com',
      'https://example.com/',
      'https://example.com/',
      null,
    ],
    ['nobody, if __Secure- is not Secure', '__Secure-a=1', 'https://example.com/', 'https://example.com/', null],
    [
      'nobody, if a prefix in any case is not honoured',
      '__hOsT-a=1; Path=/',
      'https://example.com/',
      'https://example.com/',
      null,
    ],
    ['nobody, if __host- has no path', '__host-a=1; Secure', 'https://example.com/', 'https://example.com/', null],
    ['nobody, if __secure- is not Secure', '__secure-a=1', 'https://example.com/', 'https://example.com/', null],
    [
      'its host, if a prefix in any case is',
      '__HOST-a=1; Secure; Path=/',
      'https://example.com/',
      'https://example.com/',
      '__HOST-a=1',
    ],
    ['the paths below its own', 'a=1; Path=/a', 'http://example.com/', 'http://example.com/a/b', 'a=1'],
    ['no others', 'a=1; Path=/a', 'http://example.com/', 'http://example.com/ab', null],
  ])('%s', (_name, field, from, to, expected) => {
    expect(sent(field, from, to)).toBe(expected);
  });

  it('no site but its own, whatever is set where', () => {
    const host = fc.constantFrom(
      'a.com',
      'x.a.com',
      'b.com',
      'x.b.com',
      'c.co.uk',
      'd.co.uk',
      'e.github.io',
      'localhost',
      '127.0.0.1',
    );
    const domain = fc.oneof(host, fc.constantFrom('com', 'co.uk', 'github.io', 'uk', '.a.com', '', '0.0.1'));
    const site = (name: string): string =>
      /^(?:127.*|[^.]*|.*?([^.]+\.(?:com|co\.uk|github\.io)))$/.exec(name)?.[1] ?? name;
    fc.assert(
      fc.property(fc.array(fc.tuple(host, domain), { maxLength: 20 }), host, (settings, asked) => {
        const { jar } = jarAt();
        for (const [from, to] of settings) jar.store(`from-${from}=1; Domain=${to}`, new URL(`http://${from}/`));
        const header = jar.headerFor(new URL(`http://${asked}/`)) ?? '';
        const sources = header.split('; ').filter((pair) => pair !== '');
        expect(sources.filter((pair) => site(pair.slice(5, -2)) !== site(asked))).toEqual([]);
      }),
    );
  });
});

describe('time', () => {
  it('Max-Age counts from when it was set, not from its last use', () => {
    const { jar, clock } = jarAt();
    const url = new URL('http://example.com/');
    jar.store('a=1; Max-Age=10', url);
    clock.advance(6_000);
    expect(jar.headerFor(url)).toBe('a=1');
    clock.advance(4_000);
    expect(jar.headerFor(url)).toBeNull();
  });

  it('an expired cookie takes the old one with it and no room', () => {
    const { jar } = jarAt();
    const url = new URL('http://example.com/');
    jar.store('a=1', url);
    expect(jar.size).toBe(1);
    jar.store('a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT', url);
    expect([jar.size, jar.headerFor(url)]).toEqual([0, null]);
  });
});

describe('a bomb of cookies', () => {
  it('of one answer, of one site and of many sites is capped, the least recently used going first', () => {
    const { jar, clock } = jarAt();
    const answer = (host: string, n: number): void => {
      const fields = Array.from({ length: 60 }, (_, i) => `c${n}-${i}=1; Domain=${host}`);
      jar.store(fields, new URL(`http://sub${n}.${host}/`));
    };
    answer('first.com', 0);
    expect(jar.size).toBe(COOKIE_LIMITS.perAnswer);
    for (let n = 1; n < 10; n++) {
      clock.advance(1);
      answer('first.com', n);
    }
    expect(jar.size).toBe(COOKIE_LIMITS.perSite);
    const header = jar.headerFor(new URL('http://first.com/'));
    expect(header).toContain('c9-49=1');
    expect(header).not.toContain('c0-');
    for (let n = 0; n < 100; n++) answer(`site${n}.com`, n);
    expect(jar.size).toBeLessThanOrEqual(COOKIE_LIMITS.inAll);
    expect(jar.headerFor(new URL('http://first.com/'))).toBeNull();
    expect(jar.headerFor(new URL('http://site99.com/'))).toContain('c99-0=1');
  });

  it('of big cookies does not make a header that servers refuse', () => {
    const fields = Array.from({ length: 50 }, (_, i) => `c${i}=${'x'.repeat(3_000)}`);
    expect(sent([...fields, `big=${'x'.repeat(5_000)}`], 'http://example.com/')?.length).toBeLessThanOrEqual(
      COOKIE_LIMITS.headerBytes,
    );
    expect(sent(`big=${'x'.repeat(4_100)}`, 'http://example.com/')).toBeNull();
  });

  const anyByte = fc.nat({ max: 255 }).map((code) => String.fromCharCode(code));

  it('of any bytes throws nothing and yields what can be sent', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: anyByte, maxLength: 40 }), { maxLength: 5 }), (fields) => {
        expect(sent(fields, 'http://example.com/') ?? '').toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
      }),
    );
  });
});
