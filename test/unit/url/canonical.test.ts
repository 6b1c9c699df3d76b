import { expect, test } from 'vitest';
import { canonicalUrl, describeUrlProblem } from '../../../src/url/canonical.ts';

test.each([
  ['HTTP://Example.COM', 'http://example.com/', 'example.com'],
  ['http://example.com:80/a/../b#top', 'http://example.com/b', 'example.com'],
  ['https://example.com/?q=1#', 'https://example.com/?q=1', 'example.com'],
  ['  https://example.com/a b \n', 'https://example.com/a%20b', 'example.com'],
  ['https:\\\\example.com\\x', 'https://example.com/x', 'example.com'],
  ['http://0x7f.1/', 'http://127.0.0.1/', '127.0.0.1'],
  ['http://[0:0::1]:8080/', 'http://[::1]:8080/', '[::1]'],
  ['https://bücher.example/ü', 'https://xn--bcher-kva.example/%C3%BC', 'xn--bcher-kva.example'],
  ['http://Example.COM.:8080/', 'http://example.com.:8080/', 'example.com'],
  ['http://example.com../', 'http://example.com../', 'example.com..'],
  ['http://./', 'http://./', '.'],
  ['https://example.com/%zz', 'https://example.com/%zz', 'example.com'],
])('reads %j as %j', (raw, url, host) => {
  expect(canonicalUrl(raw)).toEqual({ ok: true, url, host });
});

test.each([
  ['', 'bad-url'],
  ['page.html', 'bad-url'],
  ['http://', 'bad-url'],
  ['http://exa mple.com/', 'bad-url'],
  ['http://h:99999/', 'bad-url'],
  ['ftp://example.com/', 'unsupported-scheme'],
  ['javascript:alert(1)', 'unsupported-scheme'],
  ['http://user@example.com/', 'credentials'],
  ['http://:secret@example.com/', 'credentials'],
  [`http://example.com/${'a'.repeat(64_000)}`, 'too-long'],
  [`http://example.com/${'ü'.repeat(30_000)}`, 'too-long'],
])('refuses %.60j: %s', (raw, reason) => {
  expect(canonicalUrl(raw)).toEqual({ ok: false, reason });
});

test('resolves against a base and refuses what the base makes unusable', () => {
  expect(canonicalUrl('../x?y#z', 'http://h/a/b/c')).toEqual({ ok: true, url: 'http://h/a/x?y', host: 'h' });
  expect(canonicalUrl('x', 'http://user:pw@h/')).toEqual({ ok: false, reason: 'credentials' });
  expect(canonicalUrl('x', 'mailto:a@b')).toEqual({ ok: false, reason: 'bad-url' });
});

test('a problem is described with its remedy, without password, control characters or endless text', () => {
  const line = describeUrlProblem('credentials', 'http://user:hunter2@example.com/\u001b[31m\u009b');
  expect(line).toContain('http://user:***@example.com/');
  expect(line).toContain('fetch.origin-headers');
  expect(line).not.toContain('hunter2');
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  expect(describeUrlProblem('too-long', `http://h/${'a'.repeat(100_000)}`).length).toBeLessThan(400);
});
