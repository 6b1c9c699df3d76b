import { expect, test } from 'vitest';
import { RequestHeaders } from '../../../src/fetch/request-headers.ts';

function pairs(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] ?? '']] : [])));
}

test('every request says who asks and what it can decode', () => {
  const headers = pairs(new RequestHeaders({}, 'weir/1').forRequested());
  expect(headers).toMatchObject({ 'user-agent': 'weir/1', 'accept-encoding': 'gzip, deflate, br, zstd' });
});

test('the headers of the user win, however they are spelled', () => {
  const headers = pairs(
    new RequestHeaders({ 'Accept-ENCODING': 'identity', 'User-Agent': 'me' }, 'weir').forRequested(),
  );
  expect(headers).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': 'me' });
});

test('credentials stay with the origin they were meant for', () => {
  const headers = new RequestHeaders(
    { Authorization: 'a', Cookie: 'b', 'Proxy-Authorization': 'c', Host: 'd', 'X-Harmless': 'e' },
    'weir',
  );
  expect(pairs(headers.forRequested())).toMatchObject({
    authorization: 'a',
    cookie: 'b',
    host: 'd',
    'x-harmless': 'e',
  });
  expect(Object.keys(pairs(headers.forOthers()))).toEqual(['accept', 'accept-encoding', 'user-agent', 'x-harmless']);
});

test('headers that cannot be sent are refused at the start, all at once', () => {
  expect(() => new RequestHeaders({ 'Content-Length': '5', 'bad name': 'x', ok: 'line\r\nbreak' }, 'weir')).toThrow(
    /Content-Length[^]*bad name[^]*ok/,
  );
});
