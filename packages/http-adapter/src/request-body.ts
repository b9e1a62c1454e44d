import { TRPCError } from '@trpc/server';
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

/**
 * The text of a body. Rejects with a `TRPCError`: `PAYLOAD_TOO_LARGE` beyond so many bytes, where there is a bound;
 * `BAD_REQUEST` where it is no UTF-8; `CLIENT_CLOSED_REQUEST` where the connection ends before the body does.
 */
export function readBody(req: IncomingMessage, bytesMax: number | undefined): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytesMax && bytes > bytesMax) stop(new TRPCError({ code: 'PAYLOAD_TOO_LARGE' }));
  };
  const onEnd = () => {
    leave();
    const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes);
    if (isUtf8(body)) resolve(textOf(body));
    else reject(new TRPCError({ code: 'BAD_REQUEST', message: 'The body is not UTF-8' }));
  };
  const onClose = () => stop(new TRPCError({ code: 'CLIENT_CLOSED_REQUEST' }));
  const stop = (error: TRPCError) => {
    leave();
    reject(error);
  };
  const leave = () => {
    req.off('data', onData).off('end', onEnd).off('close', onClose);
  };
  if (req.destroyed) onClose();
  else req.on('data', onData).on('end', onEnd).on('close', onClose);
  return promise;
}

/** A byte order mark is no part of the text. */
function textOf(body: Buffer): string {
  const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  return body.toString('utf8', hasMark ? 3 : 0);
}
