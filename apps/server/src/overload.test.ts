import { EncodedJson } from '@throughline/product-repository';
import { beforeEach, describe, expect, test } from 'vitest';
import { Admission } from './admission.ts';
import { limits } from './limits.ts';
import { startService, type RunningService } from './testing/running-service.ts';
import { tokenWith } from './testing/tokens.ts';

const origin = 'https://shop.example';

describe('while as many requests are in flight as there may be', () => {
  let service: RunningService;
  let release: () => void;
  let first: Promise<Response>;

  beforeEach(async () => {
    using admission = new Admission({ ...limits, requestsMax: 1 });
    service = await startService(true, { admission, corsOrigins: [origin] });
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    release = () => held.resolve();
    service.products.popular = async () => {
      begun.resolve();
      await held.promise;
      return { value: EncodedJson.of([]), outcome: 'hit' };
    };
    first = service.request('product.popular');
    await begun.promise;
    return async () => {
      release();
      await first;
      await service[Symbol.asyncDispose]();
    };
  });

  test('one more is refused at once, may be sent again, and is told when', async () => {
    const refused = await service.request('product.popular', { headers: { origin } });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
    expect(await refused.json()).toMatchObject({
      error: {
        data: { code: 'SERVICE_UNAVAILABLE', serviceCode: 'OVERLOADED', retryable: true },
      },
    });
    expect(await service.exposeMetrics()).toContain('http_rejected_total{reason="overload"} 1\n');
  });

  test('nothing is done for it: its token is not looked at, its body not read, no line written', async () => {
    const refused = await service.request('product.delete', {
      method: 'POST',
      headers: { authorization: 'Bearer forged', 'content-type': 'application/json' },
      body: 'no JSON',
    });
    expect(refused.status).toBe(503);
    expect(await service.exposeMetrics()).toContain('http_rejected_total{reason="auth"} 0\n');
    expect(service.log).toEqual([]);
  });

  test('what is no call is told what is wrong with it, and a page may still ask what it may send', async () => {
    expect((await service.request('product.popular', { method: 'PUT' })).status).toBe(405);
    const preflight = await service.request('product.delete', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
  });

  test('the one in flight is answered, and then the next', async () => {
    release();
    expect((await first).status).toBe(200);
    const authorization = `Bearer ${await tokenWith('catalog:read')}`;
    const next = await service.request('product.popular', { headers: { authorization } });
    expect(next.status).toBe(200);
  });
});
