import { expect, test } from 'vitest';
import { experimentNames } from './plan.ts';
import { parseSettings } from './settings.ts';

const root = '/repository';

test('a whole run makes every experiment and writes the page of the repository', () => {
  const settings = parseSettings([], root);
  expect(settings.plan.mode).toBe('full');
  expect([...settings.experiments]).toEqual(experimentNames);
  expect(settings.outDirectory).toBe(root);
  expect(settings.command).toBe('npm run bench');
});

test('a part of a run, or a quick one, leaves the page as it is', () => {
  expect(parseSettings(['--quick'], root).outDirectory).toBeUndefined();
  expect(parseSettings(['--only', 'reads'], root).outDirectory).toBeUndefined();
  expect(parseSettings(['--variants', 'ours'], root).outDirectory).toBeUndefined();
  expect(parseSettings(['--quick', '--out', '/there'], root).outDirectory).toBe('/there');
});

test('names may hold a comma', () => {
  const { variants } = parseSettings(['--variants', 'ours, no telemetry,stock,ours'], root);
  expect([...(variants ?? [])]).toEqual(['ours, no telemetry', 'stock', 'ours']);
});

test('what there is not is refused with what there is', () => {
  expect(() => parseSettings(['--only', 'writes'], root)).toThrow('of reads, batch');
  expect(() => parseSettings(['--products', 'many'], root)).toThrow('a whole number');
});

test('no more products are read than there are', () => {
  expect(parseSettings(['--products', '400'], root).plan.readProducts).toBe(400);
});
