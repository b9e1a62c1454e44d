import path from 'node:path';
import { expect, test } from 'vitest';
import { directoryOf } from './debian-tool.ts';

test('a checkout that has a tool of other packages fetches those that are wanted now', () => {
  const before = directoryOf({ name: 'chromium', packages: ['chromium', 'fonts-dejavu'] });
  const now = directoryOf({ name: 'chromium', packages: ['chromium', 'fonts-inter'] });
  expect(now).not.toBe(before);
  expect(path.basename(now)).toMatch(/^chromium-[0-9a-f]{8}$/);
  expect(directoryOf({ name: 'chromium', packages: ['fonts-inter', 'chromium'] })).toBe(now);
});
