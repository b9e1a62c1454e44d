import fc from 'fast-check';
import type { Exchange } from './exchange.ts';
import { raw } from './raw-exchange.ts';
import { bodies, otherProtocols } from './request-bodies.ts';
import { brokenChunks, cutOff, pipelined, smuggled } from './request-framings.ts';
import { headerLines, percentEncodings, requestLines } from './request-heads.ts';

/** Requests that no client of ours sends, down to bytes that are no HTTP. */
export function rawRequests(): fc.Arbitrary<Exchange> {
  return fc.oneof(
    { weight: 3, arbitrary: requestLines },
    { weight: 3, arbitrary: headerLines },
    { weight: 3, arbitrary: smuggled },
    { weight: 2, arbitrary: brokenChunks },
    { weight: 2, arbitrary: pipelined },
    { weight: 3, arbitrary: cutOff },
    { weight: 1, arbitrary: otherProtocols },
    { weight: 2, arbitrary: percentEncodings },
    { weight: 2, arbitrary: bodies },
    { weight: 2, arbitrary: atOperations },
  );
}

const atOperations = fc
  .oneof(
    fc
      .tuple(
        fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'DELETE', 'BREW'),
        fc.constantFrom(
          '/health/live',
          '/health/ready',
          '/health/ready?x=%',
          '/metrics',
          '/metrics/',
          '/metrics/../x',
          '/',
          '/__proto__',
          '/constructor',
          '/health',
          '*',
          'http://x/metrics',
          '/trpc/product.popular',
          '/%6detrics',
          '/\0',
          `/${'a'.repeat(9_000)}`,
        ),
      )
      .map(
        ([method, target]) =>
          `${method} ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
      ),
    fc
      .oneof(headerLines, smuggled, otherProtocols, brokenChunks, pipelined)
      .map(({ bytes }) => bytes),
  )
  .map((bytes) => raw('operations port', bytes, { port: 'operations' }));
