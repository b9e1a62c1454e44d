import { spawnNode, type SpawnedNode } from '@throughline/local-stack/testing';
import type { Fleet } from './fleet.ts';
import type { StoppingWriterOptions } from './stopping-writer.ts';

const file = new URL('stopping-writer.ts', import.meta.url).pathname;

/** A process beside the fleet, over the same stores, that writes register 1 and stops on its way. */
export function spawnStoppingWriter(
  at: Fleet,
  options: Omit<StoppingWriterOptions, 'databaseUrl' | 'redisUrl' | 'prefix'>,
): SpawnedNode {
  const { databaseUrl, redisUrl, prefix } = at;
  const given: StoppingWriterOptions = { databaseUrl, redisUrl, prefix, ...options };
  return spawnNode(file, { args: [JSON.stringify(given)] });
}
