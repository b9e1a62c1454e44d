/**
 * Throws that error when the reply is not there in time. What has come meanwhile is read first: a busy process must not
 * take its own delay for that of a store, throw a good connection away, and be slower still to make another.
 */
export async function inTime<Reply>(
  reply: Promise<Reply>,
  limitMs: number,
  late: () => Error,
): Promise<Reply> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    setImmediate(() => timeout.reject(late()));
  }, limitMs);
  try {
    return await Promise.race([reply, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
