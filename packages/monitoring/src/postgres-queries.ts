import { generatedYaml } from './generated-yaml.ts';

/**
 * What postgres_exporter is asked for beyond its own metrics: 0.11, which Debian has, does not measure how far a
 * standby is behind. Newer ones do, as `pg_replication_lag_seconds`, and need no such file.
 */
export function postgresQueries(): string {
  return generatedYaml({
    pg_replication: {
      query:
        'SELECT CASE WHEN pg_is_in_recovery() AND pg_last_wal_receive_lsn() IS DISTINCT FROM pg_last_wal_replay_lsn() THEN GREATEST(0, EXTRACT(EPOCH FROM now() - pg_last_xact_replay_timestamp())) ELSE 0 END AS lag',
      master: true,
      metrics: [{ lag: { usage: 'GAUGE', description: 'How far a standby is behind.' } }],
    },
  });
}
