/** The cases of the URL standard (web-platform-tests): every one that is about http or https, and that nothing else gets in. */
import { expect, test } from 'vitest';
import { isPrivateHostName } from '../../../src/url/address.ts';
import { canonicalUrl } from '../../../src/url/canonical.ts';
import { redactUrl } from '../../../src/url/redact.ts';
import { LinkResolver } from '../../../src/url/resolve-links.ts';
import { seedUrl } from '../../../src/url/seed-url.ts';
import { suiteCases } from '../../support/suites.ts';

interface UrlCase {
  readonly input: string;
  readonly base?: string | null;
  readonly href?: string;
  readonly username?: string;
  readonly password?: string;
  readonly failure?: boolean;
}

/** Strings between the cases are comments. */
const cases = (suiteCases('wpt-url/urltestdata.json') as readonly (UrlCase | string)[]).filter(
  (one) => typeof one !== 'string',
);

/** What a case says our canonical form is: `null` for what is no URL, has another scheme or carries credentials. */
function expected({ href, username, password, failure }: UrlCase): string | null {
  if (failure === true || href === undefined || !/^https?:/.test(href)) return null;
  return `${username ?? ''}${password ?? ''}` === '' ? href.replace(/#.*$/s, '') : null;
}

test(`URLs and links are read as the standard says (${cases.length} cases found)`, () => {
  const wrong = cases.filter((one) => {
    const { input, base } = one;
    const result = canonicalUrl(input, base ?? undefined);
    const link = new LinkResolver(base ?? '').resolve(input);
    const url = expected(one);
    if ((result.ok ? result.url : null) !== url) return true;
    // The user name of a base is not a link's: there the resolver drops it.
    return link !== url && one.username === '';
  });
  expect(wrong).toEqual([]);
});

test('a canonical URL is its own canonical form, and a seed too', () => {
  const wrong = cases.filter((one) => {
    const url = expected(one);
    if (url === null) return false;
    const again = canonicalUrl(url);
    const seed = seedUrl(url);
    return !again.ok || again.url !== url || !seed.ok || seed.url !== url;
  });
  expect(wrong).toEqual([]);
});

test('whatever is in a list or stands where an address is expected, nothing throws', () => {
  for (const { input, href } of cases) {
    const seed = seedUrl(input);
    if (seed.ok) expect(canonicalUrl(seed.url)).toMatchObject({ ok: true, url: seed.url });
    redactUrl(input);
    isPrivateHostName(input);
    if (href !== undefined) isPrivateHostName(URL.parse(href)?.hostname ?? '');
  }
});

const names = (
  suiteCases('wpt-url/toascii.json') as readonly ({ readonly input: string; readonly output: string | null } | string)[]
)
  .filter((one) => typeof one !== 'string')
  // Without a host `https:///x` means the host x.
  .filter(({ input }) => input !== '');

test(`host names are made ASCII as the standard says (${names.length} cases found)`, () => {
  const wrong = names.filter(({ input, output }) => {
    const result = canonicalUrl(`https://${input}/x`);
    return (result.ok ? result.host : null) !== output;
  });
  expect(wrong).toEqual([]);
});

const codings = (
  suiteCases('wpt-url/percent-encoding.json') as readonly (
    | { readonly input: string; readonly output: Readonly<Record<string, string>> }
    | string
  )[]
).filter((one) => typeof one !== 'string');

test(`queries are percent-encoded as UTF-8 (${codings.length} cases found)`, () => {
  const wrong = codings.filter(({ input, output }) => {
    const result = canonicalUrl(`https://h/?${input}z`);
    return !result.ok || result.url !== `https://h/?${output['utf-8'] ?? ''}z`;
  });
  expect(wrong).toEqual([]);
});
