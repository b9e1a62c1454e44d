import fc from 'fast-check';
import type { Exchange } from './exchange.ts';

export const bytesOf = (size: number) =>
  fc
    .uint8Array({ minLength: 1, maxLength: size })
    .map((bytes) => Buffer.from(bytes).toString('latin1'));

/** One that is understood, as text to break. */
export const popular =
  'GET /trpc/product.popular HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer <<read>>\r\nconnection: close\r\n\r\n';
export const jsonBody = '{"id":1,"price":"1.00"}';
export const priced = `POST /trpc/product.updatePrice HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer <<all>>\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${jsonBody.length}\r\n\r\n${jsonBody}`;

export function raw(kind: string, bytes: string, more: Partial<Exchange> = {}): Exchange {
  return { kind, port: 'service', bytes, end: 'linger', ...more };
}

/** The same, after which the connection stays. */
export const kept = popular.replace('connection: close\r\n', '');
