import type { Program } from '../program.ts';
import { batchOf } from '../workloads/calls.ts';
import { Caller } from '../workloads/caller.ts';
import type { Context } from './context.ts';

/** Of a batch that is read. */
const size = 20;

/** Has every product that is read stand in the cache of a variant. */
export async function fillCache(
  { plan, token }: Pick<Context, 'plan' | 'token'>,
  { trpcUrl }: Program,
): Promise<void> {
  await using caller = new Caller({ trpcUrl, token, connections: 2 });
  const ids = Array.from({ length: plan.readProducts }, (_, index) => index + 1);
  for (let first = 0; first < ids.length; first += size) {
    await caller.ask(batchOf(ids.slice(first, first + size)));
  }
}
