import { expect, test } from 'vitest';
import { seedUrl } from '../../../src/url/seed-url.ts';

test.each([
  ['http://example.com/a#b', 'http://example.com/a', 'example.com', false],
  [' https://example.com ', 'https://example.com/', 'example.com', false],
  ['http:/example.com/x', 'http://example.com/x', 'example.com', false],
  ['example.com', 'https://example.com/', 'example.com', true],
  ['example.com/path?q=a.b:1', 'https://example.com/path?q=a.b:1', 'example.com', true],
  ['Example.com:8080', 'https://example.com:8080/', 'example.com', true],
  ['example.com:443/x', 'https://example.com/x', 'example.com', true],
  ['example.com#top', 'https://example.com/', 'example.com', true],
  ['localhost', 'https://localhost/', 'localhost', true],
  ['localhost:8080/x', 'https://localhost:8080/x', 'localhost', true],
  ['intranet:8080', 'https://intranet:8080/', 'intranet', true],
  ['192.168.1.1/x', 'https://192.168.1.1/x', '192.168.1.1', true],
  ['[::1]:8080/x', 'https://[::1]:8080/x', '[::1]', true],
  ['[::1]', 'https://[::1]/', '[::1]', true],
  ['//example.com/x', 'https://example.com/x', 'example.com', true],
  ['bücher.example', 'https://xn--bcher-kva.example/', 'xn--bcher-kva.example', true],
])('%j is the seed %s', (raw, url, host, bareHost) => {
  expect(seedUrl(raw)).toEqual({ ok: true, url, host, bareHost });
});

test.each([
  ['', 'bad-url'],
  ['word', 'bad-url'],
  ['two words', 'bad-url'],
  ['exam ple.com', 'bad-url'],
  ['word/with.dot', 'bad-url'],
  ['/path.html', 'bad-url'],
  ['./page.html', 'bad-url'],
  ['?q=a.b', 'bad-url'],
  ['.', 'bad-url'],
  ['..', 'bad-url'],
  ['.com', 'bad-url'],
  ['1', 'bad-url'],
  ['1.5', 'bad-url'],
  ['12:30', 'bad-url'],
  ['someone@example.com', 'bad-url'],
  ['localhost:99999', 'bad-url'],
  ['http:', 'bad-url'],
  ['mailto:a@b', 'unsupported-scheme'],
  ['mailto:a@example.com', 'unsupported-scheme'],
  ['javascript:alert(1)', 'unsupported-scheme'],
  ['javascript:0', 'unsupported-scheme'],
  ['tel:12345', 'unsupported-scheme'],
  ['data:text/html,x', 'unsupported-scheme'],
  ['file:///etc/passwd', 'unsupported-scheme'],
  ['C:\\list.txt', 'unsupported-scheme'],
  ['user:secret@example.com', 'unsupported-scheme'],
  // RFC 7617 §2: no way to say these.
  ['https://us%3Aer:secret@example.com', 'credentials'],
  ['https://user:sec%00ret@example.com', 'credentials'],
  [`example.com/${'a'.repeat(64_000)}`, 'too-long'],
])('%.40j is refused: %s', (raw, reason) => {
  expect(seedUrl(raw)).toEqual({ ok: false, reason });
});

test.each([
  ['https://user:secret@example.com/x', 'user:secret'],
  ['https://user@example.com/x', 'user:'],
  ['https://:secret@example.com/x', ':secret'],
  ['https://us%20er:s%40:c@example.com/x', 'us er:s@:c'],
  ['https://jos\u00e9:%zz@example.com/x', 'jos\u00e9:%zz'],
])('%s asks as %j', (raw, said) => {
  const authorization = `Basic ${Buffer.from(said).toString('base64')}`;
  expect(seedUrl(raw)).toMatchObject({ ok: true, url: 'https://example.com/x', authorization });
});
