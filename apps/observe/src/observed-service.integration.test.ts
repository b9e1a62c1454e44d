import { expect, test } from 'vitest';
import { openObservedService } from './observed-service.ts';

const patience = { timeout: 60_000, interval: 100 };

test('a Redis that was killed fires RedisDown, at the receiver too, and clears when it is back', async () => {
  await using observed = await openObservedService({ durationScale: 1 / 60 });
  await observed.traffic.start();
  const health = async () => (await observed.targets()).map((target) => target.health);
  await expect.poll(health, patience).toEqual(['up', 'up', 'up', 'up', 'up']);
  const firing = async () => (await observed.alerts()).map(({ labels }) => labels['alertname']);
  await expect.poll(firing, patience).toEqual(['Watchdog']);

  await observed.redis.kill();
  await expect.poll(firing, patience).toContain('RedisDown');
  const told = (status: string) => () =>
    observed.notifications.received
      .filter(({ receiver }) => receiver === 'urgent')
      .flatMap(({ alerts }) => alerts.filter((alert) => alert.status === status))
      .map(({ labels }) => labels['alertname']);
  await expect.poll(told('firing'), patience).toContain('RedisDown');

  await observed.redis.restart();
  await expect.poll(told('resolved'), patience).toContain('RedisDown');
}, 120_000);
