import { expect, test } from 'vitest';

import { redactArguments } from '../../../src/config/redact.ts';

test('a recorded command line holds no secret, however it was typed', () => {
  const typed = [
    '-H', 'Authorization: Bearer s3cret',
    '--header', 'cookie: s3cret',
    '--header=X-Api-Key: s3cret',
    '-HAuthorization: s3cret',
    '--set', 'fetch.headers={"authorization":"s3cret"}',
    '--set=fetch.headers=cookie: s3cret',
    '-qH', 'Authorization: s3cret',
    '-qkHX-Api-Key : s3cret',
    '-H', 'X-Origin: http://user:s3cret@example.com/',
    '--set', 'fetch.origin-headers={"https://a.com":{"x":"s3cret"}}',
    '--set=fetch.origin-headers={"https://a.com":{"x":"s3cret"}}',
    '--url-pattern=https://user:s3cret@example.com/{1..2}',
    'https://user:s3cret@example.com/',
  ]; // prettier-ignore
  expect(redactArguments(typed).join('\n')).not.toContain('s3cret');
});

test('what is no secret is recorded as it was typed', () => {
  const typed = ['--urls', 'list.txt', '-c', '5', '-H', 'Accept-Language: de', 'https://example.com/?q=1'];
  expect(redactArguments(typed)).toEqual(typed);
});
