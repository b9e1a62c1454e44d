import fc from 'fast-check';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { hostileText } from './hostile-values.ts';
import { bytesOf, jsonBody, popular, raw } from './raw-exchange.ts';

export const otherProtocols = fc
  .oneof(
    fc.constantFrom(
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
      '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03' + '\xab'.repeat(500),
      '\x80\x2e\x01\0\x02\0\x15',
      'SSH-2.0-OpenSSH_9\r\n',
      '\x03\0\0\x13\x0e\xe0\0\0',
      '*1\r\n$4\r\nPING\r\n',
      'PING\r\n',
      '\0\0\0\x08\x04\xd2\x16\x2f',
      'EHLO x\r\n',
      'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n' + popular,
      '\0'.repeat(2_000),
      '\r\n'.repeat(500),
      '',
      'GET /trpc/product.popular HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x85abcdabcde',
      'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n',
    ),
    bytesOf(300),
  )
  .map((bytes) => raw('other protocols', bytes));

const latinOf = (bytes: Buffer) => bytes.toString('latin1');

const contents = [
  jsonBody,
  latinOf(gzipSync(jsonBody)),
  latinOf(brotliCompressSync(jsonBody)),
  latinOf(gzipSync(Buffer.alloc(4_000_000))),
  '\xff\xfe{\0}\0',
  '\xef\xbb\xbf{}',
  '"\xed\xa0\x80"',
  '"\xc3"',
  '',
  ' '.repeat(1_048_577),
  `"${'a'.repeat(1_048_574)}"`,
  '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--',
  'id=1&price=1.00',
];
const types = [
  'application/json',
  'application/json; charset=utf-16',
  'APPLICATION/JSON',
  'application/json, text/plain',
  'application/jsonx',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  '',
  ';',
  'application/json;',
];

export const bodies = fc
  .record({
    content: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...contents) },
      { weight: 1, arbitrary: hostileText.map((text) => latinOf(Buffer.from(text))) },
    ),
    type: fc.constantFrom(...types),
    encoding: fc.constantFrom('', '', 'gzip', 'br', 'deflate, gzip', 'identity', 'nonsense'),
  })
  .map(({ content, type, encoding }) => {
    const encoded = encoding === '' ? '' : `content-encoding: ${encoding}\r\n`;
    return raw(
      'bodies and their types',
      `POST /trpc/product.updatePrice HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer <<all>>\r\nconnection: close\r\ncontent-type: ${type}\r\n${encoded}content-length: ${content.length}\r\n\r\n${content}`,
      { end: 'wait' },
    );
  });
