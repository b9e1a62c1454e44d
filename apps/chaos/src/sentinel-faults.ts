import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, longMs } from './fault.ts';
import type { SentinelStore } from './sentinel-store.ts';
import { replicate } from './store.ts';

/** What happens to a primary that Sentinels watch. */
export const sentinelFaults = {
  'the primary killed, a replica promoted, and it returns empty': {
    breaks: ['redis'],
    happen: async ({ bed: { store } }) => {
      const primary = await store.sentinels.primary();
      await primary.kill();
      await store.sentinels.promoted(primary);
      await delay(longMs);
      await primary.restart();
      await delay(longMs);
    },
  },
  'the primary restarted empty before anybody takes over': {
    breaks: ['redis'],
    happen: async ({ bed: { store } }) => {
      const primary = await store.sentinels.primary();
      await primary.kill();
      await primary.restart();
      // A Sentinel writes into the configuration whom it has promoted; ours would start as the replica that it was.
      await replicate(primary, 'NO', 'ONE');
      await delay(longMs);
    },
  },
  'the primary paused, a replica promoted, and it goes on until it is demoted': {
    breaks: ['redis'],
    happen: async ({ bed: { store } }) => {
      const primary = await store.sentinels.primary();
      await primary.pause();
      await store.sentinels.promoted(primary);
      await delay(1_000);
      await primary.resume();
      await delay(longMs);
    },
  },
  'the primary paused for a moment': {
    breaks: ['redis'],
    happen: async ({ bed: { store }, random }) => {
      const primary = await store.sentinels.primary();
      await primary.pause();
      await delay(random.between(100, 1_400));
      await primary.resume();
      await delay(1_000);
    },
  },
  'failover by order': {
    breaks: ['redis'],
    happen: async ({ bed: { store } }) => {
      await store.sentinels.failover();
      await delay(longMs);
    },
  },
  'server stopped while a replica is promoted': {
    breaks: ['process', 'redis'],
    happen: async ({ bed: { store }, member }) => {
      member.process.pause();
      await store.sentinels.failover();
      await delay(longMs);
      member.process.resume();
      await delay(1_000);
    },
  },
} as const satisfies Record<string, Fault<SentinelStore>>;
