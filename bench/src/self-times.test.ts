import { expect, test } from 'vitest';
import { type CpuProfile, selfTimes } from './self-times.ts';

const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 9 });
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)', '') },
    { id: 2, callFrame: frame('write', 'file:///a/b/packages/write-through/src/writer.ts') },
    { id: 3, callFrame: frame('parse', 'file:///a/b/node_modules/@redis/client/dist/parse.js') },
    { id: 4, callFrame: frame('write', 'file:///a/b/packages/write-through/src/writer.ts') },
    { id: 5, callFrame: frame('(garbage collector)', '') },
    { id: 6, callFrame: frame('post', 'node:inspector') },
  ],
  samples: [1, 2, 3, 4, 5, 6],
  timeDeltas: [900, 20, 30, 40, 10, 500],
};

const rootUrl = 'file:///a/b/';

test('what a function took is summed over all ways to it, as a share of the busy time', () => {
  expect(selfTimes(profile, { count: 2, rootUrl })).toEqual([
    { name: 'write', place: 'packages/write-through/src/writer.ts:10', share: 0.6 },
    { name: 'parse', place: '@redis/client/dist/parse.js:10', share: 0.3 },
  ]);
});

test('waiting and the profiler are no part of it, the garbage collector is', () => {
  const names = selfTimes(profile, { count: 10, rootUrl }).map(({ name }) => name);
  expect(names).not.toContain('(idle)');
  expect(names).not.toContain('post');
  expect(names).toContain('(garbage collector)');
});
