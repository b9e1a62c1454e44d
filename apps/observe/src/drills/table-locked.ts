import { Client } from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from './drill.ts';

const lockedMs = 900;
const openMs = 200;

/** Reads go on, from the cache and past it; writes wait for their turn. */
export const tableLocked: Drill = {
  name: 'table-locked',
  fault: 'Another program locks the table of products most of the time, so writes are slow.',
  durationScale: 1 / 30,
  lasts: '22m',
  alerts: [{ alert: 'WriteLatencyBudgetBurn critical', firesWithin: '21m', clearsWithin: '11m' }],
  inhibited: [],
  async begin({ databaseUrl }) {
    const client = new Client({ connectionString: databaseUrl, application_name: 'drill' });
    await client.connect();
    const ending = new AbortController();
    const locking = lockUntil(ending.signal, client);
    return async () => {
      ending.abort();
      await locking;
      await client.end();
    };
  },
};

async function lockUntil(signal: AbortSignal, client: Client): Promise<void> {
  while (!signal.aborted) {
    await client.query('BEGIN');
    await client.query('LOCK TABLE products IN EXCLUSIVE MODE');
    await delay(lockedMs);
    await client.query('COMMIT');
    await delay(openMs);
  }
}
