import { expect, test } from 'vitest';
import { failureOf, failureOfStatus, isConnectionLost, isOutOfResources } from '../../../src/fetch/classify.ts';

function coded(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

test.each([
  ['ECONNREFUSED', 'connect-refused'],
  ['EHOSTUNREACH', 'connect-refused'],
  ['ETIMEDOUT', 'connect-timeout'],
  ['ECONNRESET', 'reset'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
  ['EPROTO', 'tls'],
  ['EMFILE', 'connect-refused'],
])('while connecting, %s is %s, and the code is kept', (code, errorClass) => {
  expect(failureOf(coded(code), 'connecting')).toMatchObject({ errorClass, errorCode: code });
});

test('a lost connection is named after how far the answer had come', () => {
  const fin = coded('UND_ERR_SOCKET', 'other side closed');
  expect(failureOf(fin, 'nothing-received').errorClass).toBe('empty-response');
  expect(failureOf(coded('ECONNRESET'), 'nothing-received').errorClass).toBe('reset');
  expect(failureOf(fin, 'inside-headers').errorClass).toBe('reset');
  expect(failureOf(fin, 'inside-body').errorClass).toBe('truncated');
});

test('contradicting lengths are a protocol error, a short body is truncated', () => {
  const mismatch = coded('UND_ERR_RES_CONTENT_LENGTH_MISMATCH');
  expect(failureOf(mismatch, 'inside-headers').errorClass).toBe('protocol');
  expect(failureOf(mismatch, 'inside-body').errorClass).toBe('truncated');
});

test('the first address that failed speaks for all of them', () => {
  const all = new AggregateError([coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), coded('EHOSTUNREACH')]);
  expect(failureOf(all, 'connecting')).toEqual({
    errorClass: 'connect-refused',
    errorCode: 'ECONNREFUSED',
    error: 'connect ECONNREFUSED 127.0.0.1:1',
  });
});

test('an error text is one line of at most 300 characters without control characters and passwords', () => {
  const { error } = failureOf(
    coded('EPROTO', `bad\r\nline \u001b[31m http://user:secret@host/ ${'x'.repeat(1_000)}`),
    'connecting',
  );
  expect(error).not.toContain('secret');
  expect(error).toMatch(/^[^\p{Cc}]{1,300}$/u);
});

test('what nobody has classified is a defect of ours', () => {
  expect(failureOf(new TypeError('x is not a function'), 'inside-body').errorClass).toBe('internal');
  expect(failureOf('just a text', 'connecting').errorClass).toBe('internal');
});

test('an unsolicited 1xx is not mistaken for a lost connection', () => {
  const unsolicited = coded('UND_ERR_SOCKET', 'bad response');
  expect(isConnectionLost(unsolicited)).toBe(false);
  expect(failureOf(unsolicited, 'nothing-received').errorClass).toBe('protocol');
  expect(isConnectionLost(coded('UND_ERR_SOCKET', 'other side closed'))).toBe(true);
});

test('limits of this machine are marked', () => {
  expect(isOutOfResources('EMFILE')).toBe(true);
  expect(isOutOfResources('ENOBUFS')).toBe(true);
  expect(isOutOfResources('ECONNREFUSED')).toBe(false);
  expect(isOutOfResources(null)).toBe(false);
});

test('a status that is not a success is a failure with its name', () => {
  expect(failureOfStatus(200)).toBeNull();
  expect(failureOfStatus(304)).toBeNull();
  expect(failureOfStatus(404)).toEqual({ errorClass: 'http-4xx', errorCode: null, error: 'HTTP 404 Not Found' });
  expect(failureOfStatus(429)?.errorClass).toBe('rate-limited');
  expect(failureOfStatus(599)?.error).toBe('HTTP 599');
});
