import { clusterFaults } from './cluster-faults.ts';
import { ClusterStore } from './cluster-store.ts';
import { postgresFaults } from './postgres-faults.ts';
import { processFaults } from './process-faults.ts';
import { redisFaults } from './redis-faults.ts';
import { sentinelFaults } from './sentinel-faults.ts';
import { SentinelStore } from './sentinel-store.ts';
import { standaloneFaults } from './standalone-faults.ts';
import { StandaloneStore } from './standalone-store.ts';
import type { Setting } from './store.ts';

const anywhere = { ...processFaults, ...postgresFaults, ...redisFaults };

export const standalone = {
  open: async (options) => StandaloneStore.open(options),
  faults: { ...anywhere, ...standaloneFaults },
} as const satisfies Setting<StandaloneStore>;

export const cluster = {
  open: async () => ClusterStore.open(),
  faults: { ...anywhere, ...clusterFaults },
} as const satisfies Setting<ClusterStore>;

export const sentinel = {
  open: async () => SentinelStore.open(),
  faults: { ...anywhere, ...sentinelFaults },
} as const satisfies Setting<SentinelStore>;
