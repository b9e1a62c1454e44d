import type { Server, ServerResponse } from 'node:http';

/** How long a client may take to read a complete answer, and how many bytes of such answers may wait in a process. */
export type UnreadBounds = Readonly<Record<'unreadMs' | 'unreadBytesMax', number>>;

/**
 * Holds the clients of a server to reading their answers. Each has so long from when its answer is complete, whatever else it
 * sends meanwhile, and all together so many bytes: the connection whose answer does not fit is cut.
 *
 * The kernel takes nearly every answer at once; these cost one look.
 */
export function boundUnreadAnswers(
  server: Server,
  { unreadMs, unreadBytesMax }: UnreadBounds,
): void {
  let unreadBytes = 0;
  const hold = (res: ServerResponse) => {
    const { socket } = res;
    const bytes = socket?.writableLength ?? 0;
    if (socket === null || bytes === 0) return;
    unreadBytes += bytes;
    const timer = setTimeout(() => socket.destroy(), unreadMs).unref();
    res.once('close', () => {
      clearTimeout(timer);
      unreadBytes -= bytes;
    });
    if (unreadBytes > unreadBytesMax) socket.destroy();
  };
  function complete(this: ServerResponse) {
    hold(this);
  }
  server.on('request', (_, res: ServerResponse) => void res.once('prefinish', complete));
}
