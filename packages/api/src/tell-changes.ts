import type { FollowChanges, PlacedEvent, ProductService } from '@throughline/product-repository';
import { tracked } from '@trpc/server';
import type { Session } from './session.ts';

/**
 * Events with their places as ids, which clients hand back when they connect again. What is awaited first happens before the
 * client hears that it is connected.
 */
export async function tellChanges(
  products: Pick<ProductService, 'changes'>,
  input: FollowChanges,
  session: Session,
) {
  try {
    const events = await products.changes(input, session.signal);
    return heard(trackedEvents(events, session));
  } catch (err) {
    session[Symbol.dispose]();
    throw err;
  }
}

async function* trackedEvents(events: AsyncIterable<PlacedEvent>, session: Session) {
  using _ = session;
  for await (const { id, event } of events) yield tracked(id, event);
}

/**
 * The same events for tRPC, which asks for the next one before it has passed on the last, and forgets that promise where
 * the client leaves in between: that the session is over would be a rejection that nobody handles, and end the process.
 */
function heard<Event>(events: AsyncGenerator<Event>): AsyncIterable<Event> {
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        const next = events.next();
        next.catch(() => undefined);
        return next;
      },
      return: async () => events.return(undefined),
    }),
  };
}
