import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The address that a request came from; of IPv6 the network, as one client has all 2^64 addresses of it. Undefined where
 * nobody is connected any more.
 *
 * Anyone can send an `x-forwarded-for`. Each proxy adds whom it got the request from, so the entry that the outermost of ours
 * has added is believed, and what stands before it is not. Where it is missing, the request came past a proxy, and counts
 * for whoever is connected.
 */
export function clientAddressOf(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  proxyHops: number,
): string | undefined {
  const forwarded = proxyHops === 0 ? undefined : headers['x-forwarded-for'];
  const entry =
    forwarded === undefined ? undefined : [forwarded].flat().join().split(',').at(-proxyHops);
  return networkOf(withoutPort(entry?.trim() ?? '')) ?? networkOf(socket.remoteAddress ?? '');
}

/** Some proxies add the port, and then brackets to an address of IPv6. */
function withoutPort(entry: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry;
}

function networkOf(address: string): string | undefined {
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return networkOfV6(address);
    default:
      return undefined;
  }
}

/** Where IPv4 is mapped into IPv6, every address would be of one network. */
const mapped = /^0:0:0:0:0:ffff:([\da-f]+):([\da-f]+)$/;

function networkOfV6(address: string): string {
  const [unzoned = ''] = address.split('%');
  // As the standard writes it: lower case, no leading zeros, no dots.
  const { hostname } = new URL(`http://[${unzoned}]`);
  const [before = '', after] = hostname.slice(1, -1).split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const groups = [
    ...head,
    ...Array.from({ length: 8 - head.length - tail.length }, () => '0'),
    ...tail,
  ];
  const [, high, low] = mapped.exec(groups.join(':')) ?? [];
  if (high === undefined || low === undefined) return `${groups.slice(0, 4).join(':')}::/64`;
  const [one, two] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [one >> 8, one & 255, two >> 8, two & 255].join('.');
}
