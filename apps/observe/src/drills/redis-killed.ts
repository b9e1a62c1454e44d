import type { Drill } from './drill.ts';

/** RedisDown says it all: what the cache would say beside it is kept quiet, before and after. */
export const redisKilled: Drill = {
  name: 'redis-killed',
  fault: 'Redis is killed, and started again empty.',
  durationScale: 1 / 10,
  lasts: '6m',
  alerts: [{ alert: 'RedisDown critical', firesWithin: '3m', clearsWithin: '10m' }],
  inhibited: ['CacheBypassed warning'],
  async begin({ redis }) {
    await redis.kill();
    return async () => redis.restart({ data: 'empty' });
  },
};
