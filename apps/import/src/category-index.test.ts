import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import { CategoryIndex } from './category-index.ts';

test('a name whose slug belongs to another category is asked for once, however many lines have it', async () => {
  const asked: string[] = [];
  const taken = TRPCClientError.from({
    error: {
      message: 'taken',
      code: -32_009,
      data: { code: 'CONFLICT', httpStatus: 409, serviceCode: 'SLUG_TAKEN' },
    },
  });
  const index = await CategoryIndex.open(
    {
      list: async () => {
        asked.push('list');
        return [{ id: 1, name: 'Lamps', slug: 'lamps' }];
      },
      create: async () => {
        asked.push('create');
        throw taken;
      },
    },
    true,
  );
  for (let line = 0; line < 3; line += 1) {
    expect(await index.find('LAMPS!')).toEqual({
      problem: 'the slug of the category belongs to another one',
    });
  }
  expect(await index.find('lamps')).toMatchObject({ id: 1 });
  expect(asked).toEqual(['list', 'create', 'list']);
});
