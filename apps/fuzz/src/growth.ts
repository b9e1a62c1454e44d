import { toldMetrics } from './told-metrics.ts';

/** What a process holds. */
export interface Holding {
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly handles: number;
  readonly descriptors: number;
}

/** What the process says of itself. */
export async function holdingOf(operationsPort: number): Promise<Holding> {
  const sumOf = await toldMetrics(operationsPort);
  return {
    heapBytes: sumOf('nodejs_heap_size_used_bytes'),
    residentBytes: sumOf('process_resident_memory_bytes'),
    handles: sumOf('nodejs_active_handles'),
    descriptors: sumOf('process_open_fds'),
  };
}

/** What pools of connections, a cache of tokens and a heap that is not collected each moment account for. */
const allowed = { heapBytes: 64_000_000, residentBytes: 256_000_000, handles: 64, descriptors: 64 };

/** In words, what the least of the later half of a run exceeds the least of the earlier half by: too much to be chance. */
export function growth(holdings: readonly Holding[]): string | undefined {
  const half = Math.ceil(holdings.length / 2);
  const [earlier, later] = [holdings.slice(0, half), holdings.slice(half)];
  if (earlier.length === 0 || later.length === 0) return undefined;
  for (const what of ['heapBytes', 'residentBytes', 'handles', 'descriptors'] as const) {
    const [before, after] = [earlier, later].map((some) =>
      Math.min(...some.map((each) => each[what])),
    );
    if (before === undefined || after === undefined || after - before <= allowed[what]) continue;
    return `${what} grew from ${before} to ${after}`;
  }
  return undefined;
}
