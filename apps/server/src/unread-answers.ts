import type { Server, ServerResponse } from 'node:http';

/** How long a client may take to read a complete answer, and how many bytes of such answers and of pages may wait in a process. */
export type UnreadBounds = Readonly<
  Record<'unreadMs' | 'unreadBytesMax' | 'unreadPageBytesMax', number>
>;

/** Answers that hold a page. */
const pages = new WeakSet<ServerResponse>();

/** Counts this answer among pages. They need no token: whoever lets them lie is to take no place from answers to calls. */
export function notePage(res: ServerResponse): void {
  pages.add(res);
}

/**
 * Holds the clients of a server to reading their answers. Each has so long from when its answer is complete, whatever else it
 * sends meanwhile, and all together so many bytes, of pages apart: the connection whose answer does not fit is cut.
 *
 * The kernel takes nearly every answer at once; these cost one look.
 */
export function boundUnreadAnswers(
  server: Server,
  { unreadMs, unreadBytesMax, unreadPageBytesMax }: UnreadBounds,
): void {
  const ofCalls = { bytes: 0, bytesMax: unreadBytesMax };
  const ofPages = { bytes: 0, bytesMax: unreadPageBytesMax };
  const hold = (res: ServerResponse) => {
    const { socket } = res;
    const bytes = socket?.writableLength ?? 0;
    if (socket === null || bytes === 0) return;
    const unread = pages.has(res) ? ofPages : ofCalls;
    unread.bytes += bytes;
    const timer = setTimeout(() => socket.destroy(), unreadMs).unref();
    res.once('close', () => {
      clearTimeout(timer);
      unread.bytes -= bytes;
    });
    if (unread.bytes > unread.bytesMax) socket.destroy();
  };
  function complete(this: ServerResponse) {
    hold(this);
  }
  server.on('request', (_, res: ServerResponse) => void res.once('prefinish', complete));
}
