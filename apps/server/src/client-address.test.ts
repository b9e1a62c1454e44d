import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { clientAddressOf } from './client-address.ts';

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::FFFF:a01:203', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff::', '2001:db8:1:2::/64'],
  ['2001:db8::7', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s counts as %s', (address, counts) => {
  expect(clientAddressOf(requestOf(address), 0)).toBe(counts);
});

test('what a client says of its own address is not believed unless a proxy is configured', () => {
  expect(clientAddressOf(requestOf('10.0.0.1', '1.1.1.1'), 0)).toBe('10.0.0.1');
});

test.each([
  [1, '6.6.6.6, 1.1.1.1', '1.1.1.1'],
  [2, '6.6.6.6, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
  [1, '6.6.6.6, 1.1.1.1:4711', '1.1.1.1'],
  [1, '[2001:db8:1:2::9]:4711', '2001:db8:1:2::/64'],
])('behind %i proxies, %s came from %s, whatever a client has put before', (hops, sent, counts) => {
  expect(clientAddressOf(requestOf('10.0.0.1', sent), hops)).toBe(counts);
});

test.each([
  [1, undefined],
  [2, '1.1.1.1'],
  [1, 'unknown'],
  [1, '1.1.1.1, '],
])('with %i proxies, a request that says %s counts for whoever is connected', (hops, sent) => {
  expect(clientAddressOf(requestOf('10.0.0.1', sent), hops)).toBe('10.0.0.1');
});

test('a client that has gone has no address', () => {
  expect(clientAddressOf(requestOf(undefined), 0)).toBeUndefined();
});

function requestOf(remoteAddress: string | undefined, forwarded?: string): IncomingMessage {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
  const req = new IncomingMessage(socket);
  if (forwarded !== undefined) req.headers['x-forwarded-for'] = forwarded;
  return req;
}
