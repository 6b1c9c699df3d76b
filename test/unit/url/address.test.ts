import { expect, test } from 'vitest';
import { isPrivateAddress, isPrivateHostName } from '../../../src/url/address.ts';

test.each([
  '127.0.0.1',
  '127.255.255.254',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
  '192.0.2.1',
  '::',
  '::1',
  '[::1]',
  'fe80::1',
  'fe80::1%eth0',
  'fd00::1',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '::ffff:127.0.0.1',
  '::ffff:a00:1',
  '::127.0.0.1',
  '::ffff:0:10.0.0.1',
  '64:ff9b::192.168.0.1',
  '64:ff9b:1::8.8.8.8',
  '2002:7f00:1::',
  '2002:c0a8:101::1',
  'not an address',
  '',
])('%j is private', (ip) => {
  expect(isPrivateAddress(ip)).toBe(true);
});

test.each([
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '100.128.0.1',
  '192.169.0.1',
  '2606:4700::1111',
  '[2a00:1450::1]',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
  '2002:808:808::1',
])('%j is public', (ip) => {
  expect(isPrivateAddress(ip)).toBe(false);
});

test('a host name is private for certain, public for certain, or up to DNS', () => {
  for (const host of ['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', '127.0.0.1', '[::1]', '::1', '10.1.2.3']) {
    expect([host, isPrivateHostName(host)]).toEqual([host, true]);
  }
  for (const host of ['8.8.8.8', '[2606:4700::1]']) expect([host, isPrivateHostName(host)]).toEqual([host, false]);
  for (const host of ['example.com', 'notlocalhost', 'localhost.example.com', 'intranet', '1.2.3.4.example']) {
    expect([host, isPrivateHostName(host)]).toEqual([host, null]);
  }
});
