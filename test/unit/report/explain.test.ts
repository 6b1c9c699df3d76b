import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CLASSES, SKIP_REASONS, type ErrorClass } from '../../../src/model/error-codes.ts';
import type { AttemptHistory, PageHistory, UrlHistory } from '../../../src/model/url-history.ts';
import { rejectedLines, storyJson, storyLines } from '../../../src/report/explain.ts';
import type { StoryContext } from '../../../src/report/explanation.ts';
import { robotsText, type RobotsVerdict } from '../../../src/report/robots-text.ts';

const STARTED = Date.UTC(2026, 0, 2, 3, 4, 5);
const CONTEXT: StoryContext = {
  database: 'data/list.db',
  pace: { perHost: 2, delayMs: 100 },
  retries: 3,
  robots: null,
  isRunning: false,
};

function attempt(changes: Partial<AttemptHistory> = {}): AttemptHistory {
  return {
    attempt: 1,
    runId: 1,
    startedAt: STARTED,
    waitMs: 7,
    heldMs: 0,
    dnsMs: 2,
    connectMs: 3,
    ttfbMs: 4,
    totalMs: 20,
    address: '192.0.2.1',
    httpVersion: '1.1',
    status: 200,
    retryAfter: null,
    errorClass: null,
    errorCode: null,
    error: null,
    wireBytes: 300,
    decodedBytes: 1_200,
    contentEncoding: 'gzip',
    redirects: [],
    finalUrl: null,
    ...changes,
  };
}

function page(changes: Partial<PageHistory> = {}): PageHistory {
  return {
    attempt: 1,
    contentType: 'text/html',
    title: 'A title',
    charset: 'windows-1252',
    charsetSource: 'meta',
    words: 9,
    parseError: null,
    warning: null,
    linksTotal: 12_000,
    linksKept: 10_000,
    items: 1,
    sha256: 'ab'.repeat(32),
    bytes: 1_200,
    encoding: 'gzip',
    storedBytes: 300,
    sameBody: { count: 0, urls: [] },
    ...changes,
  };
}

function history(changes: Partial<UrlHistory> = {}): UrlHistory {
  return {
    url: 'http://a.test/page',
    state: 'done',
    reason: null,
    depth: 0,
    listed: { source: '/lists/urls.csv', line: 3, columns: { id: '7' } },
    listedAgain: [],
    referrer: null,
    host: { name: 'a.test', pausedUntil: null },
    retryAt: null,
    roundAttempts: 1,
    attempts: [attempt()],
    page: page(),
    ...changes,
  };
}

function failed(errorClass: ErrorClass, changes: Partial<AttemptHistory> = {}): UrlHistory {
  const only = attempt({ status: null, errorClass, error: 'what happened', errorCode: 'ECODE', ...changes });
  return history({ state: 'failed', reason: errorClass, attempts: [only], page: null });
}

function story(changes: Partial<UrlHistory> = {}, context = CONTEXT): string {
  return storyLines(history(changes), context).join('\n');
}

describe('the story of a URL', () => {
  it('says where it came from, how it was asked, and what came of it', () => {
    const text = story({ listedAgain: [{ source: '-', line: 9, columns: null }] });
    expect(text).toContain('line 3 of /lists/urls.csv; other columns {"id":"7"}');
    expect(text).toContain('again at line 9 of stdin');
    expect(text).toContain('a.test; at most 2 fetches at a time, 100 ms from start to start');
    expect(text).toContain('waited 7 ms for its turn (host, permit, window)');
    expect(story({ attempts: [attempt({ heldMs: 90 })] })).toContain('in all 20 ms, and 90 ms held back by this side');
    expect(text).toContain('name 2 ms, connection 3 ms, first byte 4 ms, in all 20 ms; 192.0.2.1; HTTP/1.1');
    expect(text).toContain('300 B on the wire as gzip, 1.2 KB decoded');
    expect(text).toContain('charset windows-1252 (by a meta element)');
    expect(text).toContain('9 words, 12,000 links (10,000 kept), 1 item');
    expect(text).toContain('crawl cat http://a.test/page --db data/list.db');
  });

  it('names the page a URL was found on', () => {
    const text = story({ listed: null, referrer: 'http://a.test/', depth: 2 });
    expect(text).toContain('http://a.test/, 2 links from the list');
  });

  it.each(Object.keys(ERROR_CLASSES) as ErrorClass[])('names class, error, meaning and what to type for %s', (name) => {
    const text = storyLines(failed(name), CONTEXT).join('\n');
    expect(text).toContain(`failed, ${name}: ${ERROR_CLASSES[name].remedy}`);
    expect(text).toContain('no answer, what happened (ECODE)');
    expect(text).toContain('given up');
    expect(text).toContain(`crawl retry data/list.db --error ${name} --host a.test`);
  });

  it('says of each attempt whether and when another followed', () => {
    const first = attempt({ status: 503, errorClass: 'http-5xx', error: 'HTTP 503', retryAfter: '30' });
    const second = attempt({ attempt: 2, startedAt: STARTED + 30_020, status: 404, errorClass: 'http-4xx' });
    const text = story({ state: 'failed', reason: 'http-4xx', attempts: [first, second], roundAttempts: 2 });
    expect(text).toContain('the server said Retry-After: 30');
    expect(text.indexOf('tried again 30,000 ms later')).toBeLessThan(text.indexOf('Attempt 2'));
    expect(text).toContain('Not tried again by itself; crawl retry does.');
  });

  it('says when a URL that waits is tried again', () => {
    const waiting = { ...failed('reset'), state: 'queued', retryAt: STARTED + 60_000 } as const;
    expect(storyLines(waiting, CONTEXT).join('\n')).toContain('to be tried again from 2026-01-02T03:05:05.000Z on');
    expect(story({ state: 'queued', attempts: [], page: null, roundAttempts: 0 })).toContain('not asked for yet');
  });

  it('says that the retries are used up, or the time', () => {
    const used = { ...failed('reset'), roundAttempts: 4 };
    expect(storyLines(used, CONTEXT).join('\n')).toContain('4 attempts made: as many as --retries 3 allows');
    const late = { ...used, reason: 'total-timeout' };
    expect(storyLines(late, CONTEXT).join('\n')).toContain('took as long as --deadline allows');
  });

  it.each(Object.keys(SKIP_REASONS) as (keyof typeof SKIP_REASONS)[])('explains a URL skipped for %s', (reason) => {
    const text = story({ state: 'skipped', reason, attempts: [], page: null });
    expect(text).toContain(`skipped, never asked for, ${reason}: ${SKIP_REASONS[reason]}`);
  });

  it('shows redirects hop by hop, and where the answer came from', () => {
    const redirects = [
      { url: 'https://a.test/page', status: 301, location: '/moved' },
      { url: 'https://a.test/moved', status: 302, location: 'http://b.test/', downgrade: true },
    ];
    const lines = storyLines(history({ attempts: [attempt({ redirects, finalUrl: 'http://b.test/' })] }), CONTEXT);
    const at = (text: string): number => lines.findIndex((line) => line.includes(text));
    expect(at('redirect 301 of https://a.test/page to /moved')).toBeGreaterThan(0);
    expect(at('redirect 302 of https://a.test/moved to http://b.test/ (from https to http)')).toBeGreaterThan(
      at('redirect 301'),
    );
    expect(at('answer of http://b.test/')).toBeGreaterThan(at('redirect 302'));
  });

  it('says what the parser made of a page that is done all the same', () => {
    const text = story({
      page: page({
        parseError: 'worker-crash',
        warning: 'garbage after the gzip data',
        sameBody: { count: 7, urls: ['http://a.test/2'] },
      }),
    });
    expect(text).toContain(
      `done, answered with 200, but not parsed, worker-crash: ${ERROR_CLASSES['worker-crash'].remedy}`,
    );
    expect(text).toContain('remark: garbage after the gzip data');
    expect(text).toContain('the same body as http://a.test/2, and 6 more');
  });

  it('quotes for the shell what the shell would read', () => {
    const text = story({ url: "http://a.test/it's?a=1&b=2" });
    expect(text).toContain(String.raw`crawl cat 'http://a.test/it'\''s?a=1&b=2' --db data/list.db`);
  });

  it('cannot write to the terminal, whatever stands in the database', () => {
    const anything = fc.oneof(
      fc.string({
        unit: fc.constantFrom('a', ' ', '"', '\u001B', '\r', '\n', '\0', '\u007F', '\u009B', '\u202E', '\u2028'),
      }),
      fc.constantFrom('\u001B[2J', 'a\r\nb', '\u202Eevil', '\u0007', '\u009B31m'),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const told = storyLines(
          history({
            url: text,
            listed: { source: text, line: 1, columns: { [text]: text } },
            referrer: text,
            state: 'failed',
            reason: text,
            host: { name: text, pausedUntil: 1 },
            attempts: [
              attempt({
                error: text,
                errorClass: text,
                errorCode: text,
                retryAfter: text,
                contentEncoding: text,
                finalUrl: text,
                address: text,
                redirects: [{ url: text, status: 301, location: text }],
              }),
            ],
            page: page({ title: text, contentType: text, charset: text, warning: text, parseError: text }),
          }),
          { ...CONTEXT, database: text },
        );
        for (const line of told) expect(line).not.toMatch(/[\p{Cc}\u2028-\u202E\u2066-\u2069]/u);
      }),
    );
    for (const line of rejectedLines({ text: 'a\u001B[2Jb', reason: '\r\n', lines: [] })) {
      expect(line).not.toMatch(/\p{Cc}/u);
    }
  });
});

describe('what robots.txt says', () => {
  const answer: RobotsVerdict = {
    origin: 'http://a.test',
    access: 'rules',
    fetchedAt: STARTED,
    expiresAt: STARTED + 86_400_000,
    tries: 1,
    status: 200,
    errorClass: null,
    error: null,
    truncated: false,
    crawlDelayMs: null,
    allowed: true,
    rule: null,
    isTooLong: false,
    kind: 'text',
  };
  const story = { obeyed: true, agent: null, answer, isAllowedNow: true };
  const robots = (changes: Partial<RobotsVerdict>, obeyed = true): string =>
    robotsText({ ...story, obeyed, answer: { ...answer, ...changes } });
  const read = '; read 2026-01-02T03:04:05.000Z, counts until 2026-01-03T03:04:05.000Z';

  it('names the rule that decides, or that there is none', () => {
    expect(robots({})).toBe(`allowed, no rule matches${read}`);
    const allow = { line: 12, text: 'Allow: /x' };
    expect(robots({ rule: allow })).toBe(`allowed by line 12 "Allow: /x"${read}`);
    const disallow = { line: 7, text: 'Disallow: /draft/' };
    expect(robots({ rule: disallow, allowed: false })).toBe(`forbidden by line 7 "Disallow: /draft/"${read}`);
    expect(robots({ isTooLong: true, allowed: false })).toBe(
      `forbidden, as it has too many rules with * to be held against so long a path${read}`,
    );
    expect(robots({ truncated: true })).toContain('no rule matches in what was read of it, which is not all');
    expect(robots({ kind: 'html' })).toContain('allowed, as the file is HTML and has no rules');
  });

  it('says why there are no rules', () => {
    expect(robots({ access: 'allow-all', kind: null, status: 404, errorClass: 'http-4xx', error: 'HTTP 404' })).toBe(
      `allowed, as there is none (http-4xx: HTTP 404)${read}`,
    );
    const refused = { access: 'disallow-all', kind: null, allowed: false, tries: 3 } as const;
    expect(robots({ ...refused, status: 503, errorClass: 'http-5xx', error: 'HTTP 503' })).toBe(
      'could not be read (http-5xx: HTTP 503, asked 3 times): everything is forbidden there; ' +
        'asked 2026-01-02T03:04:05.000Z; crawl retry --error blocked-robots asks again',
    );
    const unreachable = {
      access: 'unreachable',
      kind: null,
      status: null,
      errorClass: 'dns',
      error: 'ENOTFOUND',
    } as const;
    expect(robots(unreachable)).toContain('not asked for, as there was no connection (dns: ENOTFOUND)');
  });

  it('says when it was not read, or not obeyed', () => {
    expect(robotsText({ ...story, answer: null })).toBe('not asked for yet');
    expect(robotsText({ ...story, obeyed: false, answer: null })).toBe('not read (--no-robots)');
    expect(robots({}, false)).toBe(`not obeyed by its run (--no-robots); allowed, no rule matches${read}`);
  });
});

describe('the story for programs', () => {
  it('is one line with times as text, the meaning and what to type', () => {
    const told = storyJson({ ...failed('reset'), retryAt: null }, CONTEXT);
    expect(told).not.toContain('\n');
    expect(JSON.parse(told)).toMatchObject({
      url: 'http://a.test/page',
      state: 'failed',
      reason: 'reset',
      meaning: ERROR_CLASSES.reset.remedy,
      host: { name: 'a.test', pausedUntil: null },
      pace: { perHost: 2, delayMs: 100 },
      attempts: [{ startedAt: '2026-01-02T03:04:05.000Z', errorClass: 'reset', errorCode: 'ECODE' }],
      next: ['crawl retry data/list.db --error reset --host a.test'],
    });
  });
});
