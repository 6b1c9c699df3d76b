import { expect, test } from 'vitest';
import { RedirectChain, type RedirectStep } from '../../../src/fetch/redirect.ts';

const FROM = new URL('https://a.test/dir/page?q=1');

function chain(): RedirectChain {
  return new RedirectChain(() => ({ ok: true }));
}

function followed(step: RedirectStep | null): string | null {
  return step?.kind === 'follow' ? step.url.href : null;
}

function refused(step: RedirectStep | null): string | null {
  return step?.kind === 'refuse' ? step.failure.errorClass : null;
}

test('only 301, 302, 303, 307 and 308 redirect', () => {
  const redirecting = [200, 300, 301, 302, 303, 304, 305, 306, 307, 308, 404].filter(
    (status) => chain().step(status, '/x', FROM) !== null,
  );
  expect(redirecting).toEqual([301, 302, 303, 307, 308]);
});

test.each([
  ['other', 'https://a.test/dir/other'],
  ['/root', 'https://a.test/root'],
  ['//b.test/x', 'https://b.test/x'],
  ['?q=2', 'https://a.test/dir/page?q=2'],
  ['/x#part', 'https://a.test/x'],
  ['  /blanks  ', 'https://a.test/blanks'],
  [Buffer.from('/grün').toString('latin1'), 'https://a.test/gr%C3%BCn'],
  [Buffer.from('/gr\u00fcn', 'latin1').toString('latin1'), 'https://a.test/gr%C3%BCn'],
  ['/a%0d%0aSet-Cookie:x', 'https://a.test/a%0d%0aSet-Cookie:x'],
  ['https://user:secret@b.test/', 'https://b.test/'],
])('%s leads to %s', (location, target) => {
  expect(followed(chain().step(302, location, FROM))).toBe(target);
});

test.each([
  ['no Location', undefined, 'bad-redirect'],
  ['an empty one', '', 'bad-redirect'],
  ['two', ['/a', '/b'], 'bad-redirect'],
  ['a broken one', 'http://[::1', 'bad-redirect'],
  ['one that is longer than a URL may be', `/${'x'.repeat(64_001)}`, 'bad-redirect'],
  ['file:', 'file:///etc/passwd', 'blocked-scheme'],
  ['javascript:', 'javascript:alert(1)', 'blocked-scheme'],
  ['data:', 'data:text/html,x', 'blocked-scheme'],
  ['blob:', 'blob:https://a.test/x', 'blocked-scheme'],
])('%s is refused and recorded', (_name, location, errorClass) => {
  const redirects = chain();
  expect(refused(redirects.step(302, location, FROM))).toBe(errorClass);
  expect(redirects.hops).toHaveLength(1);
  expect(redirects.hops[0]?.location.length).toBeLessThanOrEqual(2_048);
});

test('a URL that was asked for before ends the chain, fragments aside', () => {
  const redirects = chain();
  const step = redirects.step(302, '/b', FROM);
  expect(followed(step)).toBe('https://a.test/b');
  expect(refused(redirects.step(302, '/dir/page?q=1#again', new URL('https://a.test/b')))).toBe('redirect-loop');
  expect(redirects.hops.map((hop) => hop.location)).toEqual(['/b', '/dir/page?q=1#again']);
});

test('ten redirects are followed, the eleventh is too many and not recorded', () => {
  const redirects = chain();
  let from = FROM;
  for (let i = 1; i <= 10; i++) {
    const step = redirects.step(302, `/${i}`, from);
    if (step?.kind !== 'follow') throw new Error(`hop ${i} was not followed`);
    from = step.url;
  }
  expect(refused(redirects.step(302, '/11', from))).toBe('too-many-redirects');
  expect(redirects.hops).toHaveLength(10);
});

test('leaving https is followed and flagged', () => {
  const redirects = chain();
  expect(followed(redirects.step(302, 'http://a.test/', FROM))).toBe('http://a.test/');
  redirects.step(302, 'https://a.test/secure', new URL('http://a.test/'));
  expect(redirects.hops.map((hop) => hop.downgrade)).toEqual([true, undefined]);
});

test('every target is asked about, and a refusal carries its reason', () => {
  const asked: string[] = [];
  const redirects = new RedirectChain((url, via) => {
    asked.push(`${via} ${url.href}`);
    return { ok: false, errorClass: 'blocked-robots', detail: 'robots.txt says no' };
  });
  const step = redirects.step(301, '/secret', FROM);
  expect(asked).toEqual(['redirect https://a.test/secret']);
  expect(step).toMatchObject({ failure: { errorClass: 'blocked-robots', error: 'robots.txt says no' } });
});

test.each([
  'ftp://user:secret@b.test/',
  'ftp://user:a secret@b.test/',
  'http://user:a secret@[',
  'http://user:secret?x@a b/',
  'http://user:secret#x@a b/',
  'http://user:secret\\x@a b/',
  'ht\ttp://user:sec\tret@b.test/',
  `ftp://user:secret${'x'.repeat(700)}@b.test/`,
  `http://user:secret${'x'.repeat(3_000)}@b.test/`,
  `http://user:secret${'x'.repeat(3_000)}@[`,
])('a password in a Location is not recorded: %j', (location) => {
  for (const mostHops of [0, 10]) {
    const redirects = new RedirectChain(() => ({ ok: true }), null, mostHops);
    const step = redirects.step(302, location, FROM);
    const said = JSON.stringify([redirects.hops, step?.kind === 'refuse' ? step.failure : null]);
    expect(said).not.toMatch(/sec\S{0,2}ret/);
  }
  const two = chain().step(302, ['http://a.test/', location], FROM);
  expect(JSON.stringify(two)).not.toMatch(/sec\S{0,2}ret/);
});

test('a step that is undone leaves neither a hop nor a loop behind', () => {
  const redirects = chain();
  const step = redirects.step(302, '/next', FROM);
  if (step === null) throw new Error('no redirect');
  redirects.undo(step);
  expect(redirects.hops).toEqual([]);
  expect(followed(redirects.step(302, '/next', FROM))).toBe('https://a.test/next');
});
