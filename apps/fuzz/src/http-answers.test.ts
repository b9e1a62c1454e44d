import { describe, expect, it } from 'vitest';
import { AnswerMalformedError, parseAnswers } from './http-answers.ts';

function parse(text: string, mayLackBody = false) {
  return parseAnswers(Buffer.from(text), { mayLackBody });
}

const framed = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const chunked =
  'HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{"\r\n3\r\n":}\r\n0\r\n\r\n';

describe('the bytes of a connection', () => {
  it('are parted into answers, however these are framed', () => {
    const answers = parse(`HTTP/1.1 100 Continue\r\n\r\n${framed}${chunked}HTTP/1.1 400 \r\n\r\n`);
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, '{}'],
      [404, '{"":}'],
      [400, ''],
    ]);
  });

  it('are none where nothing came', () => {
    expect(parse('')).toEqual([]);
  });

  it('may lack the body that an answer to HEAD states', () => {
    const head = framed.slice(0, -2);
    expect(parse(head + framed, true).map(({ body }) => body)).toEqual(['', '{}']);
  });

  it.each([
    ['a head without an end', 'HTTP/1.1 200 OK\r\n'],
    ['a body that is cut off', framed.slice(0, -1)],
    ['chunks that are cut off', chunked.slice(0, -3)],
    ['a status line of no kind', 'HTTP/1.1 2OO OK\r\n\r\n'],
    ['a header that is split', 'HTTP/1.1 200 OK\r\nx\r\n\r\n'],
    ['a header twice', 'HTTP/1.1 200 OK\r\nx: 1\r\nX: 2\r\n\r\n'],
    ['bytes after the last answer', `${framed}more`],
  ])('are refused: %s', (_, text) => {
    expect(() => parse(text)).toThrow(AnswerMalformedError);
  });

  it('are refused where a body is no UTF-8', () => {
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n\xff', 'latin1');
    expect(() => parseAnswers(bytes, { mayLackBody: false })).toThrow(AnswerMalformedError);
  });
});
