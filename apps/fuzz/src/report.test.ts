import { expect, test } from 'vitest';
import type { Finding } from './fuzz.ts';
import { isFaulty, report } from './report.ts';
import type { RunResult } from './run.ts';
import { Tally } from './tally.ts';

const codes = Array.from({ length: 30 }, (_, index) => `4${10 + index} SOME_CODE`);

const finding: Finding = {
  fault: 'the answer shows a stack',
  seed: 12,
  path: '3:1',
  input: { kind: 'headers', port: 'service', bytes: 'GET / HTTP/1.1\r\n\0', end: 'wait' },
};

function resultWith(more: Partial<RunResult>): RunResult {
  const tally = new Tally();
  tally.count('headers', codes);
  tally.countCalls(['product.byId'], ['200']);
  return { tally, findings: [], aftermath: [], holdings: [], held: 0, tookMs: 1_000, ...more };
}

test('the report tells what was sent and answered, in lines that fit a screen', () => {
  const text = report({ seed: 7 }, resultWith({}));
  expect(text).toContain('seed 7: 1 inputs with 1 calls in 1 s');
  expect(text).toContain('Nothing was wrong.');
  for (const code of codes) expect(text).toContain(`${code}: 1`);
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(140);
  expect(isFaulty(resultWith({}))).toBe(false);
});

test('the report of a finding has the bytes that show it, and the command that sends them again', () => {
  const faulty = resultWith({ findings: [finding], aftermath: ['the process is another one'] });
  const text = report({ seed: 7 }, faulty);
  expect(text).toContain(String.raw`"GET / HTTP/1.1\r\n\u0000"`);
  expect(text).toContain('npm run fuzz -- --seed 12 --path 3:1');
  expect(text).toContain('At the end: the process is another one');
  expect(text).not.toContain('Nothing was wrong.');
  expect(isFaulty(faulty)).toBe(true);
});
