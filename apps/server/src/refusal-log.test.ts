import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RefusalLog } from './refusal-log.ts';

let lines: unknown[];
let log: RefusalLog;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  lines = [];
  log = new RefusalLog({ warn: (...line: unknown[]) => void lines.push(line) });
});
afterEach(() => {
  vi.useRealTimers();
});

test('however many requests are refused, there is one line a second, with how many of each kind', () => {
  for (let request = 0; request < 1_000; request += 1) log.note('OVERLOADED');
  log.note('URL_TOO_LONG');
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(1_000);
  const refused = { OVERLOADED: 1_000, URL_TOO_LONG: 1 };
  expect(lines).toEqual([[{ refused }, 'requests were refused unread']]);
});

test('each line tells of what came since the one before, and there is none when nothing came', () => {
  log.note('OVERLOADED');
  vi.advanceTimersByTime(5_000);
  expect(lines).toHaveLength(1);
  log.note('RATE_LIMITED');
  vi.advanceTimersByTime(1_000);
  expect(lines.slice(1)).toEqual([
    [{ refused: { RATE_LIMITED: 1 } }, 'requests were refused unread'],
  ]);
});

test('what was not told yet is told when the process ends, and once', () => {
  log.note('OVERLOADED');
  log[Symbol.dispose]();
  vi.advanceTimersByTime(5_000);
  log[Symbol.dispose]();
  expect(lines).toEqual([[{ refused: { OVERLOADED: 1 } }, 'requests were refused unread']]);
});
