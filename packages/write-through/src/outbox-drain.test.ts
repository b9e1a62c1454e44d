import { expect, it } from 'vitest';
import { systemAmbient } from './ambient.ts';
import type { Epoch, EpochRow } from './epoch.ts';
import { defaultLimits } from './limits.ts';
import { OutboxDrain } from './outbox-drain.ts';
import { MemoryEntryStore } from './testing/memory-entry-store.ts';
import type { Transactions } from './transactions.ts';

const epoch: Epoch = { number: 1, id: '00000000000000e1', storeIdentity: 'a store' };

it('waits, and takes it for no failure, when the store is lost while a batch begins', async () => {
  // Active, then lost while the first batch begins, then in bypass once the drain looks again.
  let row: EpochRow = { state: 'active', epoch };
  const [stuck, removed]: [unknown[], bigint[]] = [[], []];
  const transactions: Transactions<'db'> = {
    begin: async () => {
      if (row.state === 'active') row = { state: 'draining', number: 1 };
      return {
        db: 'db',
        last: 'db',
        xid: 1n,
        epochRow: row,
        commit: async () => 'committed',
        status: async () => 'committed',
        ask: async (question) => question('db'),
        rollback: async () => undefined,
      };
    },
    statuses: async () => [],
  };
  await using _ = new OutboxDrain<'db'>({
    store: new MemoryEntryStore(),
    transactions,
    epochs: {
      get current() {
        return row.state === 'active' ? epoch : undefined;
      },
      get row() {
        return row;
      },
      distrust: () => undefined,
      suspect: () => undefined,
      surrender: () => undefined,
    },
    outbox: {
      backlog: async () => {
        if (row.state === 'draining') row = { state: 'bypass', number: 1 };
        return { rows: removed.length === 0 ? 1 : 0, lagSeconds: 0 };
      },
      waiting: async () => new Set(),
      take: async () => (removed.length === 0 ? [{ id: 7n, key: 'product:1' }] : []),
      remove: async (_db, taken) => void removed.push(...taken.map(({ id }) => id)),
      endEpochs: async () => undefined,
    },
    namespaces: () => ['product'],
    register: { drain: async () => undefined },
    present: async () => [],
    onStuck: (err) => stuck.push(err),
    onFailure: 'reject',
    ambient: systemAmbient,
    limits: { ...defaultLimits, outboxPollMs: 1 },
  });
  await expect.poll(() => removed).toEqual([7n]);
  expect(stuck).toEqual([]);
});
