import { describe, expect, it } from 'vitest';
import { MOST_OCTETS, wholeLines } from '../../../src/robots/octets.ts';
import { parseRobots, parseRobotsInSlices, type RobotsFile } from '../../../src/robots/parse-robots.ts';
import { TOO_LONG } from '../../../src/robots/rules.ts';
import { originOf, pathOf } from '../../../src/url/canonical.ts';
import { suiteCases } from '../../support/suites.ts';
import { cpuTimeOf } from '../../support/cpu-time.ts';

function parse(text: string | Uint8Array, token = 'weir'): RobotsFile {
  return parseRobots(typeof text === 'string' ? Buffer.from(text) : text, token);
}

function allows(text: string | Uint8Array, path: string): boolean {
  return parse(text).rules.isAllowed(path);
}

interface SuiteCase {
  readonly test: string;
  readonly robots: string;
  readonly agent: string;
  readonly url: string;
  readonly allowed: boolean;
}

describe('published cases', () => {
  const cases = suiteCases('robots-google/cases.json') as readonly SuiteCase[];

  it(`answers as Google's parser does (${cases.length} cases found)`, () => {
    const wrong = cases.filter(({ robots, agent, url, allowed }) => {
      return parse(robots, agent.toLowerCase()).rules.isAllowed(pathOf(url)) !== allowed;
    });
    expect(wrong.map(({ test, robots, url }) => `${test}: ${url} ${robots.slice(0, 200)}`)).toEqual([]);
  });
});

describe('groups', () => {
  it('obeys its own group and no other, and all lines of groups that name it', () => {
    const text =
      'User-agent: *\nDisallow: /\nUser-agent: WEIR/1.0\nDisallow: /a\nUser-agent: x\nUser-agent: weir\nDisallow: /b';
    expect(['/a', '/b', '/c'].map((path) => allows(text, path))).toEqual([false, false, true]);
  });

  it('takes the rules for all where it is not named', () => {
    expect(allows('User-agent: weird\nAllow: /\n\nUser-agent: *\nDisallow: /x', '/x')).toBe(false);
  });

  it('is not bound by rules before the first group', () => {
    expect(allows('Disallow: /\nUser-agent: *\nDisallow: /x', '/y')).toBe(true);
  });
});

describe('paths', () => {
  it.each([
    ['/%7ejoe/', '/~joe/x', false],
    ['/~joe/', '/%7Ejoe/x', false],
    ['/%62ar', '/bar', false],
    ['/bar', '/%62ar', false],
    ['/caf\u00e9', '/caf%C3%A9', false],
    ['/caf%c3%a9', '/caf%C3%A9', false],
    ['/a%2fb', '/a/b', true],
    ['/a%2fb', '/a%2Fb', false],
    ['/star-%2A', '/star-*', false],
    ['/star-%2A$', '/star-x', true],
    ['/price-%24', '/price-$', false],
    ['/a$b', '/a$b', false],
    ['/*.php$', '/x/y.php', false],
    ['/*.php$', '/x/y.php?z', true],
    ['/*.php*$', '/x/y.php?z', false],
    ['/a*aa$', '/aa', true],
    ['/?', '/?q', false],
    ['/private', '/robots.txt', true],
    ['/', '/robots.txt', true],
  ])('Disallow: %s and %s', (value, path, allowed) => {
    expect(allows(`User-agent: *\nDisallow: ${value}`, path)).toBe(allowed);
  });

  it('names the line that decides', () => {
    const { rules } = parse('User-agent: *\n\nDisallow: /a # all of it\nAllow: /a/b');
    expect(rules.ruleFor('/a/c')).toMatchObject({ allow: false, value: '/a', line: 3 });
    expect(rules.ruleFor('/a/b')).toMatchObject({ allow: true, value: '/a/b', line: 4 });
    expect(rules.ruleFor('/c')).toBeNull();
  });

  it('finds origin and path of a URL without parsing it', () => {
    for (const url of ['http://a/', 'https://a.test:81/x?y=/z', 'http://[::1]:8/a//b']) {
      const { origin, pathname, search } = new URL(url);
      expect([originOf(url), pathOf(url)]).toEqual([origin, pathname + search]);
    }
  });
});

describe('other lines', () => {
  it('reads the crawl delay of its group, in seconds, and no garbage', () => {
    expect(parse('User-agent: *\nCrawl-delay: 1.5\nUser-agent: b\nCrawl-delay: 9').rules.crawlDelayMs).toBe(1_500);
    for (const value of ['', '-3', '1e9', 'soon', '1,5', '.']) {
      expect(parse(`User-agent: *\nCrawl-delay: ${value}`).rules.crawlDelayMs).toBeNull();
    }
  });

  it('keeps a crawl delay in whole milliseconds, of a day at most', () => {
    const delays = ['0.3333', '2.01', '1.005', '86400', '86401', '9223372036854776', '9'.repeat(400)];
    const found = delays.map((value) => parse(`User-agent: *\nCrawl-delay: ${value}`).rules.crawlDelayMs);
    expect(found).toEqual([333, 2_010, 1_005, 86_400_000, 86_400_000, 86_400_000, 86_400_000]);
  });

  it('keeps sitemaps of any group', () => {
    expect(parse('Sitemap: https://a.test/s.xml\nUser-agent: b\nsite-map: /t.xml').sitemaps).toEqual([
      'https://a.test/s.xml',
      '/t.xml',
    ]);
  });
});

describe('encodings and what is no text', () => {
  const TEXT = 'User-agent: *\nDisallow: /x';

  it.each([
    ['a byte order mark', Buffer.from(`\u{feff}${TEXT}`)],
    ['UTF-16LE with a mark', Buffer.from(`\u{feff}${TEXT}`, 'utf16le')],
    ['UTF-16BE with a mark', Buffer.from(`\u{feff}${TEXT}`, 'utf16le').swap16()],
    ['UTF-16LE without', Buffer.from(TEXT, 'utf16le')],
    ['CR only', Buffer.from(TEXT.replace('\n', '\r'))],
    ['CRLF', Buffer.from(TEXT.replace('\n', '\r\n'))],
  ])('reads %s', (_name, bytes) => {
    expect(parse(bytes)).toMatchObject({ kind: 'text', truncated: false });
    expect([allows(bytes, '/x'), allows(bytes, '/y')]).toEqual([false, true]);
  });

  it.each([
    ['html', '\n<!DOCTYPE html><title>x</title>\n<p>User-agent: *\nDisallow: /x</p>'],
    ['html', '<html>\nDisallow: /x\nSitemap: /s.xml\nUser-agent: *\n</html>'],
    ['binary', '\u{89}\0\u{1}\nDisallow: /x'],
  ])('takes nothing from %s without a group', (kind, text) => {
    const file = parse(text);
    expect(file).toMatchObject({ kind, sitemaps: [], truncated: false });
    expect(file.rules.isAllowed('/x')).toBe(true);
  });

  // RFC 9309 §2.3.1.1: the parseable rules must be followed.
  it.each([
    ['a comment in HTML', `<!-- our robots -->\n${TEXT}\n`],
    ['HTML around it', `<html><pre>\n${TEXT}\n</pre></html>`],
    ['a NUL in a comment', `# a\0b\n${TEXT}`],
    ['a NUL in another rule', `User-agent: *\nDisallow: /\0\n${TEXT}`],
    ['binary data before it', `\u{89}PNG\0\u{1}\n${TEXT}`],
  ])('takes the rules of a group with %s', (_name, text) => {
    expect(parse(text).kind).toBe('text');
    expect([allows(text, '/x'), allows(text, '/y')]).toEqual([false, true]);
    expect(parse(text.replace('*', 'other')).kind).toBe('text');
  });
});

describe('many rules and long paths', () => {
  const long = `/${'a'.repeat(60_000)}`;
  /** Each found only where the path ends. */
  const hostile = Array.from(
    { length: 2_000 },
    (_, i) => `Disallow: /*${'a'.repeat(9 + (i % 230))}b${'*a'.repeat(1 + i / 230)}`,
  ).join('\n');

  it('keeps a rule once, at its first line', () => {
    const { rules } = parse(
      'User-agent: *\nDisallow: /*x\nAllow: /*x\nDisallow: /*x\nAllow: /*x\nAllow: /index.html\nAllow: /index.html',
    );
    expect(rules.ruleFor('/x')).toMatchObject({ allow: true, line: 3 });
    const same = parse(`User-agent: *\n${'Disallow: /*aaaaaaaab*\n'.repeat(21_000)}`).rules;
    expect(same.weight).toBeLessThan(1_000);
    expect(cpuTimeOf(() => expect(same.isAllowed(long)).toBe(true))).toBeLessThan(50);
  });

  it('keeps apart what is said to it and to all', () => {
    const text =
      'User-agent: weir\nUser-agent: *\nDisallow: /x\nUser-agent: *\nDisallow: /y\nUser-agent: weir\nDisallow: /y';
    expect(['/x', '/y'].map((path) => allows(text, path))).toEqual([false, false]);
    expect(['/x', '/y'].map((path) => parse(text, 'other').rules.isAllowed(path))).toEqual([false, false]);
  });

  it('forbids a path that is too long to be held against all of them, and says so', () => {
    const { rules } = parse(`User-agent: *\n${hostile}`);
    const path = `${long}b`;
    let found: unknown;
    // 18 ms; held against all of them, a second.
    expect(cpuTimeOf(() => void (found = rules.ruleFor(path)))).toBeLessThan(200);
    expect([found, rules.isAllowed(path)]).toEqual([TOO_LONG, false]);
    expect(rules.ruleFor(path.slice(0, 1_000))).toBeNull();
  });

  it('finds the rule that decides for a long path where words tell most of them apart', () => {
    const words = Array.from({ length: 5_000 }, (_, i) => `Disallow: /*?${i}=word`).join('\n');
    const { rules } = parse(`User-agent: *\n${words}\nDisallow: /*end$\nDisallow: /aa\nAllow: /*?end`);
    expect(rules.ruleFor(long)).toMatchObject({ value: '/aa' });
    expect(rules.ruleFor(`${long}end`)).toMatchObject({ value: '/*end$' });
    expect(rules.ruleFor(`${long}?end`)).toMatchObject({ value: '/*?end' });
    expect(rules.ruleFor(`${long}?77=word`)).toMatchObject({ value: '/*?77=word' });
    expect(rules.ruleFor(long.replace('a', 'b'))).toBeNull();
  });
});

describe('limits', () => {
  it('reads 500 KiB, without the line that the limit cuts', () => {
    const head = 'User-agent: *\nDisallow: /first\n';
    const filler = `#${'x'.repeat(99)}\n`.repeat(Math.floor((MOST_OCTETS - head.length - 12) / 101));
    const last = 'Disallow: /'.padEnd(MOST_OCTETS - head.length - filler.length, 'y');
    const file = parse(`${head}${filler}${last}cut\nDisallow: /late`);
    expect(file.truncated).toBe(true);
    expect(['/first', `/${'y'.repeat(300)}`, '/late'].map((path) => file.rules.isAllowed(path))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each(['\n', '\r'])('reads a line that ends where the limit is, its %j behind it', (lineEnd) => {
    const rule = 'User-agent: *\nDisallow: /no';
    const body = Buffer.from(`${'#'.padEnd(MOST_OCTETS - rule.length - 1, 'x')}\n${rule}${lineEnd}Disallow: /late`);
    for (const bytes of [body, body.subarray(0, MOST_OCTETS + 1), wholeLines(body)]) {
      expect(['/no', '/late'].map((path) => allows(bytes, path))).toEqual([false, true]);
    }
    expect([parse(body).truncated, wholeLines(body).length]).toEqual([true, MOST_OCTETS]);
    const longer = Buffer.concat([body.subarray(0, MOST_OCTETS), Buffer.from(`where${lineEnd}`)]);
    for (const bytes of [longer, wholeLines(longer)]) expect(allows(bytes, '/no')).toBe(true);
  });

  it('reads as many lines and rules as have room in 500 KiB', () => {
    const rules = Array.from({ length: 45_000 }, (_, i) => `allow:/${i.toString(36)}`).join('\n');
    for (const text of [
      `${'\n'.repeat(400_000)}User-agent: *\nDisallow: /_no`,
      `User-agent: *\n${rules}\nDisallow: /_no`,
      `${'#\n'.repeat(200_000)}User-agent: *\nDisallow: /_no`,
    ]) {
      expect(parse(text).truncated).toBe(false);
      expect(['/_no', '/_yes'].map((path) => allows(text, path))).toEqual([false, true]);
    }
  });

  it('bounds sitemaps, and says so', () => {
    expect(parse('Sitemap: /a\n'.repeat(2_000)).truncated).toBe(true);
  });

  it('reads in slices what it reads at once', async () => {
    const text = `User-agent: *\n${Array.from({ length: 8_000 }, (_, i) => `Disallow: /${i}$\n`).join('')}`;
    let pauses = 0;
    const sliced = await parseRobotsInSlices(Buffer.from(text), 'weir', async () => void pauses++);
    expect(pauses).toBeGreaterThan(3);
    expect(sliced.rules).toEqual(parse(text).rules);
  });
});
