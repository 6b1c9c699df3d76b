import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { isPrivateAddress } from '../../src/url/address.ts';
import { canonicalUrl } from '../../src/url/canonical.ts';
import { redactUrl } from '../../src/url/redact.ts';
import { LinkResolver } from '../../src/url/resolve-links.ts';
import { seedUrl } from '../../src/url/seed-url.ts';

/** Pieces that mean something to a URL parser, in any order: most results are nasty, many are valid. */
const piece = fc.constantFrom(
  ...`http: https: HTTP: ftp: mailto: javascript: // / \\ : @ ? # & = . .. ../ ./ /.. %2e %2E%2e .%2e/ % %zz %41 %00 %20 + ; ,
  ! ' a b.html Page example.com EXAMPLE.com. xn-- xn--bcher-kva bücher 日本 ß 😀 127.0.0.1 0x7f.1 [::1] 1 80 443 8080 99999 ~ - _
  * ( ) [ ] { | " < > ^ $ user:pw@`.split(/\s+/),
  '\t',
  '\n',
  '\r',
  ' ',
  '\u0000',
  '\u00a0',
  '\u00ad',
  '\ufeff',
  '\ud800',
);
const nasty = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.array(piece, { maxLength: 8 }).map((pieces) => `http://example.com/${pieces.join('')}`),
  fc.array(piece, { maxLength: 8 }).map((pieces) => `https://${pieces.join('')}`),
  fc.string({ unit: 'binary' }),
);
const runs = { numRuns: 2_000 };

/** What the URL standard says, by the platform's own parser; `null` for everything we refuse. */
function whatwg(raw: string, base?: string): string | null {
  const parsed = URL.parse(raw, base);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username + parsed.password !== '') return null;
  return parsed.href.replace(/#.*$/s, '');
}

function canonical(raw: string, base?: string): string | null {
  const result = canonicalUrl(raw, base);
  return result.ok ? result.url : null;
}

test('the canonical form is the WHATWG href without fragment, and its own canonical form', () => {
  fc.assert(
    fc.property(nasty, (raw) => {
      const url = canonical(raw);
      expect(url).toBe(whatwg(raw));
      if (url === null) return;
      expect(canonical(url)).toBe(url);
      expect(url).not.toContain('#');
    }),
    runs,
  );
});

test('the host is that of the URL and does not depend on scheme, port, path or query', () => {
  fc.assert(
    fc.property(nasty, fc.integer({ min: 1, max: 65_535 }), (raw, port) => {
      const result = canonicalUrl(raw);
      if (!result.ok) return;
      expect(canonicalUrl(`http://${result.host}:${port}/x?y`)).toMatchObject({ ok: true, host: result.host });
    }),
    runs,
  );
});

test('a seed is either canonical or refused, and reading it again changes nothing', () => {
  fc.assert(
    fc.property(nasty, (raw) => {
      const seed = seedUrl(raw);
      if (!seed.ok) return;
      expect(canonical(seed.url)).toBe(seed.url);
      expect(seedUrl(seed.url)).toEqual({ ok: true, url: seed.url, host: seed.host, bareHost: false });
      // A user name and password go apart.
      if (!seed.bareHost && seed.authorization === undefined) expect(seed.url).toBe(whatwg(raw.trim()));
    }),
    runs,
  );
});

test('resolving a link gives what the URL parser gives, fast path or not', () => {
  const base = fc.oneof(
    fc.webUrl({ withQueryParameters: true }),
    fc.array(piece, { maxLength: 8 }).map((pieces) => `http://example.com/${pieces.join('')}`),
    fc.constantFrom('http://h//a//b/c', 'http://h', 'https://h:8080/a/b/?q/r', 'http://h/a/b;c/d', 'http://[::1]:1/x/'),
  );
  const plain = fc
    .array(
      fc.constantFrom('../', './', '..', '/', 'a', 'b.html', 'c-d', '~', '.x', '?', 'q=1', '&', '%20', '#', '@', "'"),
      {
        maxLength: 8,
      },
    )
    .map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(base, fc.oneof(plain, nasty), (base, href) => {
      const own = canonical(base);
      fc.pre(own !== null);
      expect(new LinkResolver(base).resolve(href)).toBe(whatwg(href, own));
    }),
    { numRuns: 6_000 },
  );
});

test('no password of a URL survives redaction, and URLs without userinfo stay as they are', () => {
  fc.assert(
    fc.property(nasty, fc.constantFrom('http://', 'https:\\\\', 'http:/', '//', ' http://'), (raw, start) => {
      const withPassword = `${start}user:hunter2${raw.replaceAll(/[/\\?#]/g, '')}@example.com/`;
      expect(redactUrl(withPassword)).not.toContain('hunter2');
      const url = canonical(raw);
      if (url !== null && !/[:/\\][/\\][^/]*@/.test(url.slice(8))) expect(redactUrl(url)).toBe(url);
    }),
    runs,
  );
});

test('an IPv4 address is private where the library says so, at the edges of its ranges too', () => {
  const edges = Object.values((ipaddr.IPv4.prototype as unknown as SpecialRangesOfIpv4).SpecialRanges)
    .flat()
    .flatMap(([network, prefix]) => {
      const first = Buffer.from(network.octets).readUInt32BE();
      return [first - 1, first, first + 2 ** (32 - prefix) - 1, first + 2 ** (32 - prefix)];
    });
  const number = fc.oneof(fc.constantFrom(...edges), fc.nat(2 ** 32 - 1));
  const dotted = number.map((n) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.'));
  const spelt = fc.oneof(
    { weight: 4, arbitrary: dotted },
    fc
      .array(fc.constantFrom('0', '1', '10', '127', '255', '256', '.', '.', '..', '08', '0x7f', '-', ' '), {
        maxLength: 9,
      })
      .map((p) => p.join('')),
  );
  fc.assert(
    fc.property(spelt, (text) => {
      const isPublic = ipaddr.isValid(text) && ipaddr.parse(text).range() === 'unicast';
      expect([text, isPrivateAddress(text)]).toEqual([text, !isPublic]);
    }),
    { numRuns: 4_000 },
  );
});

interface SpecialRangesOfIpv4 {
  readonly SpecialRanges: Readonly<Record<string, readonly (readonly [network: ipaddr.IPv4, prefix: number])[]>>;
}
