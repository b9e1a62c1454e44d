import { EncodedJson } from '@throughline/product-repository';
import { expect, test } from 'vitest';
import { isCallerThere } from './request-caller.ts';
import { startService } from './testing/running-service.ts';

test('the work of a request knows when its client has gone, and that of others beside it goes on', async () => {
  const gone = Promise.withResolvers<void>();
  await using service = await startService(true, {
    admission: {
      admit: (res) => {
        res.once('close', () => {
          if (!res.writableFinished) gone.resolve();
        });
        return true;
      },
      release: () => {},
    },
  });
  const begun = Promise.withResolvers<void>();
  const known = Promise.withResolvers<boolean[]>();
  const answer = { value: EncodedJson.of([]), outcome: 'hit' } as const;
  service.products.popular = async () => {
    const before = isCallerThere();
    begun.resolve();
    await gone.promise;
    known.resolve([before, isCallerThere()]);
    return answer;
  };
  service.products.categories = async () => {
    await gone.promise;
    expect(isCallerThere()).toBe(true);
    return { value: [], outcome: 'hit' };
  };
  const leaving = new AbortController();
  const left = service.request('product.popular', { signal: leaving.signal });
  const stayed = service.request('category.list');
  await begun.promise;
  leaving.abort();
  await expect(left).rejects.toThrow('aborted');
  expect(await known.promise).toEqual([true, false]);
  expect((await stayed).status).toBe(200);
});

test('what no request asked for is wanted', () => {
  expect(isCallerThere()).toBe(true);
});
