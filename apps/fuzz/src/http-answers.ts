/** One HTTP answer as it stood on the wire, unframed. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The bytes are no sequence of whole HTTP answers. */
export class AnswerMalformedError extends Error {
  override readonly name = 'AnswerMalformedError';
}

/** The final answers in what came over a connection that has ended. `mayLackBody`: of HEAD, the head is all. */
export function parseAnswers(
  bytes: Buffer,
  { mayLackBody }: { mayLackBody: boolean },
): HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const { status, headers, bodyBegin } = parseHead(rest);
    const after = rest.subarray(bodyBegin);
    if (status < 200 || status === 204 || status === 304) {
      rest = after;
      if (status >= 200) answers.push({ status, headers, body: '' });
      continue;
    }
    const isHeadAlone =
      mayLackBody && (after.length === 0 || after.subarray(0, 5).toString() === 'HTTP/');
    const { body, length } = isHeadAlone
      ? { body: Buffer.alloc(0), length: 0 }
      : parseBody(headers, after);
    answers.push({ status, headers, body: decode(body) });
    rest = after.subarray(length);
  }
  return answers;
}

function parseHead(bytes: Buffer) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) throw new AnswerMalformedError('The head of an answer does not end.');
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 ([1-5]\d\d) [ -~]*$/.exec(statusLine)?.[1]);
  if (!(status > 0)) throw new AnswerMalformedError(`This is no status line: ${statusLine}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([ -~\t]*)$/.exec(line) ?? [];
    if (name === '') throw new AnswerMalformedError(`This is no header: ${line}`);
    if (headers.has(name.toLowerCase())) throw new AnswerMalformedError(`Twice: ${name}`);
    headers.set(name.toLowerCase(), value);
  }
  return { status, headers, bodyBegin: end + 4 };
}

function parseBody(headers: ReadonlyMap<string, string>, bytes: Buffer) {
  const isEvents = headers.get('content-type') === 'text/event-stream';
  if (headers.get('transfer-encoding') === 'chunked') return parseChunks(bytes, { isEvents });
  const stated = headers.get('content-length');
  // An answer that states nothing ends with the connection.
  if (stated === undefined) return { body: bytes, length: bytes.length };
  const length = Number(stated);
  if (bytes.length < length) throw new AnswerMalformedError('The body of an answer was cut off.');
  return { body: bytes.subarray(0, length), length };
}

/** Events are read as far as they are there: whoever takes them hangs up. */
function parseChunks(bytes: Buffer, { isEvents }: { isEvents: boolean }) {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    const begin = lineEnd + 2;
    if (lineEnd === -1 || !(length >= 0) || bytes.length < begin + length + 2) {
      if (isEvents) return { body: Buffer.concat(chunks), length: bytes.length };
      throw new AnswerMalformedError('The chunks of an answer were cut off.');
    }
    at = begin + length + 2;
    if (length === 0) return { body: Buffer.concat(chunks), length: at };
    chunks.push(bytes.subarray(begin, begin + length));
  }
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new AnswerMalformedError('The body of an answer is no UTF-8.');
  }
}
