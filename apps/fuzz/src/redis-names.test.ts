import { expect, test } from 'vitest';
import { isName } from './redis-names.ts';

test.each([
  'ours:{0}:epoch',
  'ours:{63}:pending',
  'ours:{1}:5.2a7407abe0e32999:product:7',
  'ours:{1}:5.2a7407abe0e32999:category:7',
  'ours:{1}:5.2a7407abe0e32999:category-page:5:82b2e3f9-60da-4624-9374-14da59c310af:19',
  'ours:{1}:5.2a7407abe0e32999:category-page:5:82b2e3f9-60da-4624-9374-14da59c310af:19:7:any\r\n*name',
  'ours:{1}:5.2a7407abe0e32999:categories:all',
])('%j is a name of the service', (name) => {
  expect(isName(name, 'ours')).toBe(true);
});

test.each([
  'pwned',
  'other:{0}:epoch',
  'ours:{0}:epoch\r\nSET',
  'ours:{100}:epoch',
  'ours:{0}{1}:pending',
  'ours:{1}:5.2a7407abe0e32999:product:7\r\n',
  'ours:{1}:5.2a7407abe0e32999:product:*',
  'ours:{1}:5.2a7407abe0e32999:categories:all:1',
  'ours:{1}:5.2a7407abe0e32999:session:7',
])('%j is none', (name) => {
  expect(isName(name, 'ours')).toBe(false);
});
