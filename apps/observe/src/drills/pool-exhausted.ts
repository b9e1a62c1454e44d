import { Client } from 'pg';
import type { Drill } from './drill.ts';

/** The pool is small, so that it is full before the budgets of the objectives have burnt. */
export const poolExhausted: Drill = {
  name: 'pool-exhausted',
  fault: 'Another program locks the table of products and forgets to end its transaction.',
  durationScale: 1 / 30,
  environment: { DATABASE_POOL_MAX: '5' },
  lasts: '6m',
  alerts: [{ alert: 'DbPoolSaturated warning', firesWithin: '5m', clearsWithin: '7m' }],
  inhibited: [],
  async begin({ databaseUrl }) {
    const client = new Client({ connectionString: databaseUrl, application_name: 'drill' });
    await client.connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE products IN EXCLUSIVE MODE');
    return async () => client.end();
  },
};
