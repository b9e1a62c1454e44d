import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, onTestFinished, test } from 'vitest';
import { askAnew } from './ask-anew.ts';

test.each([false, true])(
  'a refusal of the token before that is still on its way is not shown with another one (forgotten: %s)',
  async (isForgotten) => {
    const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    const before = Promise.withResolvers<string>();
    const answers = [before.promise, Promise.resolve('allowed')];
    const observer = new QueryObserver(queries, {
      queryKey: ['product'],
      queryFn: async () => answers.shift() ?? Promise.reject(new Error('Asked too often.')),
    });
    onTestFinished(observer.subscribe(() => {}));
    const asked = askAnew(queries, isForgotten);
    before.reject(new Error('TOKEN_REJECTED'));
    await asked;
    expect(observer.getCurrentResult()).toMatchObject({ data: 'allowed', error: null });
  },
);
