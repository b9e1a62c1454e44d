import os from 'node:os';
import { Client } from 'pg';
import { createClient } from 'redis';
import { figure } from './report/markdown-table.ts';
import type { Stores } from './stores.ts';

/** What a run was made on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly redis: string;
  /** Of the last minute before the run: more than a little, and the figures are too high. */
  readonly loadBefore: number;
}

export async function describeMachine(stores: Stores): Promise<Machine> {
  const db = new Client(stores.databaseUrl);
  await db.connect();
  const { rows } = await db.query<{ server_version: string }>('SHOW server_version');
  await db.end();
  const client = createClient({ url: stores.redisUrl });
  await client.connect();
  const info = await client.info('server');
  client.destroy();
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()}`,
    node: process.versions.node,
    postgres: rows[0]?.server_version ?? 'unknown',
    redis: /^(?:redis|valkey)_version:(\S+)/m.exec(info)?.[1] ?? 'unknown',
    loadBefore: loadAtStart,
  };
}

const loadAtStart = os.loadavg()[0] ?? 0;

/** A run and its machine, in one sentence. */
export function machineText({ date, command, tookSeconds, machine }: Run): string {
  const { cpu, cores, memoryGb, system, node, postgres, redis, loadBefore } = machine;
  return `${date.slice(0, 10)}, \`${command}\`, ${figure(tookSeconds / 60)} minutes; ${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}, PostgreSQL ${postgres} with fsync, Redis ${redis}; load of the machine before the run: ${loadBefore.toFixed(2)}.`;
}

export interface Run {
  /** ISO 8601, when it began. */
  readonly date: string;
  readonly command: string;
  readonly tookSeconds: number;
  readonly machine: Machine;
}
