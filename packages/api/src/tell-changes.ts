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
    return trackedEvents(await products.changes(input, session.signal), session);
  } catch (err) {
    session[Symbol.dispose]();
    throw err;
  }
}

async function* trackedEvents(events: AsyncIterable<PlacedEvent>, session: Session) {
  using _ = session;
  for await (const { id, event } of events) yield tracked(id, event);
}
