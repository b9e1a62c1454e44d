import { expect, it } from 'vitest';
import { quantityNames } from './quantities.ts';
import { soak } from './soak.ts';

it(
  'a service under calls of all kinds answers each as it should, and opens nothing that it does not close',
  { timeout: 90_000 },
  async () => {
    const result = await soak({
      products: 1_000,
      calls: Number.POSITIVE_INFINITY,
      secondsMin: 0,
      secondsMax: 12,
      connections: 16,
      sampleMs: 250,
      collectMs: 1_000,
      say: () => undefined,
    });
    expect(result.unexpected).toEqual([]);
    for (const end of ['200', '400', '401', '404', 'left']) {
      expect(result.ends.get(end) ?? 0, end).toBeGreaterThan(0);
    }
    expect(result.changesTold).toBeGreaterThan(100);
    const last = result.samples.at(-1);
    for (const name of [
      'heap',
      'resident',
      'descriptors',
      'redisMemory',
      'backends',
      'followers',
    ] as const) {
      expect(last?.values[name], name).toBeGreaterThan(0);
    }
    for (const name of quantityNames) expect(result.judged[name].growth, name).not.toBeNaN();
    // Memory needs longer to tell.
    for (const name of ['redisClients', 'outbox', 'unnumberedChanges'] as const) {
      expect(result.judged[name], name).toMatchObject({ verdict: 'holds' });
    }
    // Connections to PostgreSQL are still being opened at that age, up to some fifty. A leak would be of thousands of requests.
    for (const name of ['descriptors', 'handles'] as const) {
      expect(result.judged[name].growth, name).toBeLessThan(50);
    }
  },
);
