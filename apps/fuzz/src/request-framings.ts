import fc from 'fast-check';
import type { Exchange } from './exchange.ts';
import { bytesOf, kept, popular, priced, raw } from './raw-exchange.ts';

/** What intermediaries and servers have framed differently. A request that hides in the body must not run. */
const framings = [
  'content-length: 6\r\ntransfer-encoding: chunked',
  'transfer-encoding: chunked\r\ncontent-length: 6',
  'transfer-encoding: chunked\r\ntransfer-encoding: identity',
  'transfer-encoding: identity, chunked\r\ncontent-length: 5',
  'transfer-encoding: xchunked\r\ncontent-length: 5',
  'transfer-encoding : chunked',
  'transfer-encoding:\tchunked\r\ncontent-length: 5',
  'transfer-encoding: chunked\r\n x\r\ncontent-length: 5',
  'x: y\r\n transfer-encoding: chunked\r\ncontent-length: 5',
  'transfer-encoding: "chunked"',
  'transfer-encoding\0: chunked\r\ncontent-length: 5',
  'transfer-encoding: chunked, identity',
  'content-length: 5\r\ncontent-length: 6',
  'content-length: 5, 6',
  'content-length: +5',
  'content-length: 0x5',
  'content-length: 5 6',
  'content-length : 5',
  'content-length: 5\n',
  'content-length: \x0b5',
  'content-length: 18446744073709551621',
  'content-length: 5\rx: y',
  'transfer-encoding: chunked\ncontent-length: 5',
];

export const smuggled = fc
  .record({
    framing: fc.constantFrom(...framings),
    begin: fc.constantFrom(
      '0\r\n\r\n',
      '0\r\n\r\n',
      '5\r\nhello\r\n0\r\n\r\n',
      '0\n\n',
      'hello',
      '0 ;\r\n\r\n',
      '0x0\r\n\r\n',
      '00000000000000000\r\n\r\n',
      '0\r\nx: y\r\n\r\n',
    ),
    end: fc.constantFrom('half-close' as const, 'linger' as const),
  })
  .map(({ framing, begin, end }) =>
    raw(
      'smuggling',
      `POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${framing}\r\n\r\n${begin}${popular}`,
      { end, isForbidden: true },
    ),
  );

const chunkSlips = [
  'zz\r\n',
  '-1\r\n',
  'ffffffffffffffffff\r\n',
  '5;ext\r\nhello\r\n',
  `5;${'e'.repeat(20_000)}\r\nhello\r\n`,
  '5\nhello\n',
  '5\r\nhell',
  '5\r\nhello6',
  '5\r\nhello\r\n',
  '\r\n',
  '0\r\n\r\n',
  '0\r\nx: y\r\n\r\n',
  '0\r\n: y\r\n\r\n',
  `0\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`,
  '1\r\n{\r\n',
  '1 \r\n{\r\n',
  '0001\r\n{\r\n',
  '0x1\r\n{\r\n',
  `20001\r\n${' '.repeat(0x20001)}\r\n`,
  `100001\r\n${' '.repeat(0x100001)}\r\n`,
];

export const brokenChunks = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...chunkSlips) },
      { weight: 1, arbitrary: bytesOf(12) },
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((slips) =>
    raw(
      'chunked body',
      `POST /trpc/product.updatePrice HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer <<all>>\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${slips.join('')}`,
    ),
  );

export const pipelined = fc
  .tuple(
    fc.integer({ min: 1, max: 30 }),
    fc.constantFrom(
      popular,
      priced,
      'garbage\r\n\r\n',
      kept.slice(0, 30),
      'HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
      `POST /trpc/product.updatePrice HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello${popular}`,
    ),
  )
  .map(([count, last]) => {
    const end = last.length < 100 && last.startsWith('GET') ? 'half-close' : 'wait';
    return raw('pipelining', kept.repeat(count) + last, { end });
  });

/** Hangs up early, or says early that there is no more. */
export const cutOff = fc
  .record({
    whole: fc.constantFrom(popular, priced, priced, `${kept}${priced}`),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    end: fc.constantFrom('half-close' as const, 'destroy' as const),
  })
  .map(({ whole, share, end }) =>
    raw('cut off', whole.slice(0, Math.floor(whole.length * share)), { end }),
  );

/** Cut off as well, by clients that stay: see `held-connections.ts`. */
export const unfinished: fc.Arbitrary<Exchange> = fc
  .record({
    whole: fc.constantFrom(popular, priced),
    share: fc.double({ min: 0, max: 0.99, noNaN: true }),
  })
  .map(({ whole, share }) =>
    raw('unfinished, and held', whole.slice(0, Math.floor(whole.length * share)), { end: 'wait' }),
  );
