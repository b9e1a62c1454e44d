import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends a request as these lines, and returns every byte of the answer as one character, but for its date. */
export async function rawAnswer(
  url: string,
  [first, ...fields]: readonly [string, ...string[]],
  body = '',
): Promise<string> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
  const head = [`${first} HTTP/1.1`, `host: ${host}`, 'connection: close', ...fields, '', ''];
  socket.write(head.join('\r\n') + body);
  await once(socket, 'close');
  const answer = Buffer.concat(chunks).toString('latin1');
  return answer.replace(/^date: .*$/im, 'date: then');
}
