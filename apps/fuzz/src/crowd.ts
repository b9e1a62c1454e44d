import { connect } from 'node:net';

/** A client that does not stay for what comes of what it sends. */
export interface Visitor {
  /** Each byte as one character, as in an exchange. */
  readonly bytes: string;
  /** `reset` and `close`: it is gone. `half-close`: it says that it has no more, which ends what is under way, and waits for that. */
  readonly leaves: 'reset' | 'close' | 'half-close';
  readonly afterMs: number;
  /** Whether it takes what comes until then. What it does not take lies in the service. */
  readonly isReading: boolean;
}

/** Has all of them come at once. Resolves when every connection has ended: with true if all did within the bound. */
export async function receive(
  port: number,
  crowd: readonly Visitor[],
  endMsMax: number,
): Promise<boolean> {
  const ends = await Promise.all(crowd.map(async (visitor) => visit(port, visitor, endMsMax)));
  return ends.every((end) => end === 'ended');
}

async function visit(
  port: number,
  { bytes, leaves, afterMs, isReading }: Visitor,
  endMsMax: number,
): Promise<'ended' | 'late'> {
  const { promise, resolve } = Promise.withResolvers<'ended' | 'late'>();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const leaving = setTimeout(() => {
    if (leaves === 'reset') socket.resetAndDestroy();
    else if (leaves === 'close') socket.destroy();
    else socket.resume().end();
  }, afterMs);
  const late = setTimeout(() => {
    resolve('late');
    socket.destroy();
  }, endMsMax);
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  socket.on('close', () => {
    clearTimeout(leaving);
    clearTimeout(late);
    resolve('ended');
  });
  if (isReading) socket.resume();
  socket.write(Buffer.from(bytes, 'latin1'));
  return promise;
}
