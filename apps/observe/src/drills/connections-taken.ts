import { Client } from 'pg';
import type { Drill } from './drill.ts';

/** Another program opens connections until PostgreSQL has none left. */
export const connectionsTaken: Drill = {
  name: 'connections-taken',
  fault: 'Another program takes all connections of PostgreSQL that are left.',
  durationScale: 1 / 30,
  postgresArguments: ['-c', 'max_connections=60'],
  lasts: '8m',
  alerts: [{ alert: 'DbConnectionsHigh warning', firesWithin: '7m', clearsWithin: '7m' }],
  inhibited: [],
  async begin({ databaseUrl }) {
    const taken: Client[] = [];
    for (;;) {
      const client = new Client({ connectionString: databaseUrl, application_name: 'drill' });
      client.on('error', () => undefined);
      try {
        await client.connect();
      } catch (err) {
        if (!isRefusal(err)) throw err;
        break;
      }
      taken.push(client);
    }
    return async () => {
      await Promise.all(taken.map(async (client) => client.end()));
    };
  },
};

/** too_many_connections */
function isRefusal(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === '53300';
}
