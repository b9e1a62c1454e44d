import { atRedis } from './drill-stage.ts';
import type { Drill } from './drill.ts';

/** The policy is `reject`, so that a Redis that takes no writes means that nobody may write. */
export const writesRefused: Drill = {
  name: 'writes-refused',
  fault: 'Redis is full and evicts nothing, so it refuses writes; CACHE_ON_FAILURE is reject.',
  durationScale: 1 / 30,
  environment: { CACHE_ON_FAILURE: 'reject' },
  // Longer, and the day's budget would burn on after the page: its ticket would rightly follow.
  lasts: '7m',
  alerts: [
    { alert: 'CacheWritesRejected critical', firesWithin: '5m', clearsWithin: '14m' },
    // Clients try again, so refusals weigh: the burn over six hours ends with a window of thirty minutes.
    { alert: 'AvailabilityBudgetBurn critical', firesWithin: '12m', clearsWithin: '36m' },
    { alert: 'RedisMemoryHigh warning', firesWithin: '7m', clearsWithin: '6m' },
  ],
  inhibited: ['CacheFailureRateHigh critical'],
  async begin(stage) {
    const settings = { maxmemory: '1mb', 'maxmemory-policy': 'noeviction' };
    await atRedis(stage, async (admin) => admin.configSet(settings));
    return async () => {
      await atRedis(stage, async (admin) => admin.configSet({ maxmemory: '0' }));
    };
  },
};
