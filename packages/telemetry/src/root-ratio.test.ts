import { expect, it } from 'vitest';
import { rootRatioOf } from './root-ratio.ts';

const sampler = (name: string, arg?: string) => ({
  OTEL_TRACES_SAMPLER: name,
  OTEL_TRACES_SAMPLER_ARG: arg,
});

it.each([
  ['0.01', 0.01],
  [' 0 ', 0],
  ['1', 1],
  ['1e-3', 0.001],
])(
  'parentbased_traceidratio with %j keeps that share of the traces that begin here',
  (arg, ratio) => {
    expect(rootRatioOf(sampler('parentbased_traceidratio', arg))).toBe(ratio);
  },
);

it.each([
  [undefined, undefined],
  ['parentbased_always_on', '0.01'],
  ['traceidratio', '0.01'],
  ['parentbased_traceidratio', undefined],
  ['parentbased_traceidratio', ''],
  ['parentbased_traceidratio', '1.5'],
  ['parentbased_traceidratio', '-1'],
  ['parentbased_traceidratio', 'a tenth'],
])('%j with %j is left to the SDK', (name, arg) => {
  expect(rootRatioOf(name === undefined ? {} : sampler(name, arg))).toBeUndefined();
});
