import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const example = path.resolve(import.meta.dirname, '../../../examples/trace-tree/trace-tree.ts');

it('the example prints the trace of one updatePrice and of one batch of ten', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example]);
  expect(stderr).toBe('');
  const [, update = '', batch = ''] = stdout.split(/^One .*$/m);
  expect(spansOf(update)).toEqual([
    'POST /trpc/{procedures}',
    '└ trpc/product.updatePrice',
    '  └ cache.write',
    '    ├ pg.query:BEGIN postgres',
    '    ├ pg.query:write-through-lock postgres',
    '    ├ pg.query:write-through-begun postgres',
    '    ├ INTEND',
    '    │ └ redis-EVALSHA',
    '    ├ pg.query:lock_product postgres',
    '    ├ pg.query:update_price postgres',
    '    ├ pg.query:COMMIT postgres',
    '    └ PUBLISH',
    '      └ redis-EVALSHA',
  ]);
  const calls = Array.from({ length: 10 }, (_, n) => [
    `${n < 9 ? '├' : '└'} trpc/product.byId`,
    `${n < 9 ? '│' : ' '} └ cache.read`,
  ]);
  // One question for all ten stands beneath the read that asked first.
  const { question = [], other = [] } = Object.groupBy(spansOf(batch), (line) =>
    line.includes('redis-MGET') ? 'question' : 'other',
  );
  expect(other).toEqual(['GET /trpc/{procedures}', ...calls.flat()]);
  expect(question).toHaveLength(1);
  expect(update).toContain('cache.outcome=published cache.entry.version=3');
});

/** The tree without its columns. */
function spansOf(printed: string): string[] {
  const lines = printed.split('\n').filter((line) => / \d+\.\d/.test(line));
  return lines.map((line) => line.replace(/ +\d+\.\d.*$/, ''));
}
