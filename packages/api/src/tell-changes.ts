import type { PlacedEvent } from '@throughline/product-repository';
import { tracked } from '@trpc/server';

/** Events with their places as ids, which clients hand back when they connect again. */
export async function* tellChanges(events: AsyncIterable<PlacedEvent>) {
  for await (const { id, event } of events) yield tracked(id, event);
}
