import type { Environment } from './tracing-environment.ts';

/**
 * The share of the traces that begin here and are kept, 0 to 1, where the environment names one; undefined where the SDK
 * has to be asked about each.
 */
export function rootRatioOf(environment: Environment): number | undefined {
  if (environment['OTEL_TRACES_SAMPLER']?.trim() !== 'parentbased_traceidratio') return undefined;
  const text = environment['OTEL_TRACES_SAMPLER_ARG']?.trim() ?? '';
  const ratio = text === '' ? Number.NaN : Number(text);
  return ratio >= 0 && ratio <= 1 ? ratio : undefined;
}
