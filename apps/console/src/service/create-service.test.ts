import { environmentManager, QueryObserver } from '@tanstack/react-query';
import { createClient } from '@throughline/client';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createQueries } from './create-service.ts';

beforeEach(() => {
  vi.useFakeTimers();
  // Elsewhere than on a page nothing is asked by the clock.
  environmentManager.setIsServer(() => false);
  return () => {
    environmentManager.setIsServer(() => true);
    vi.useRealTimers();
  };
});

test('what nobody answered is asked again until it is answered, and no longer', async () => {
  const lost = createClient({
    url: 'http://service.invalid/trpc',
    retryForMs: 0,
    fetch: async () => Promise.reject(new TypeError('The connection was cut.')),
  });
  const { queries } = createQueries();
  let asked = 0;
  const observer = new QueryObserver(queries, {
    queryKey: ['product'],
    queryFn: async () => {
      asked += 1;
      return asked < 3 ? lost.product.byId.query({ id: 1 }) : 'answered';
    },
  });
  onTestFinished(observer.subscribe(() => {}));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(observer.getCurrentResult().data).toBe('answered');
  expect(asked).toBe(3);
});
