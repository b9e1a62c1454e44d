export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether the environment asks for spans: it names an exporter or an endpoint, and does not turn them off. The
 * specification would send them to a collector on this machine unasked, and fail there once a second.
 */
export function asksForSpans(environment: Environment): boolean {
  if (environment['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return false;
  const exporters = exportersOf(environment);
  if (exporters.length > 0) return !exporters.includes('none');
  return endpointVariables.some((name) => (environment[name] ?? '').trim() !== '');
}

/** The exporters that it names; none if it names none. */
export function exportersOf(environment: Environment): readonly string[] {
  const names = (environment['OTEL_TRACES_EXPORTER'] ?? '').split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}

const endpointVariables = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
] as const;
