import { setRunningTracing } from './running-tracing.ts';
import { asksForSpans } from './tracing-environment.ts';

// For `node --import`: what is to be instrumented must not have been loaded yet. Where nobody asks for spans, nothing
// of the SDK is loaded either.
if (asksForSpans(process.env)) {
  // The way of the package to choose: of the forty that it brings, the others would have spans that nobody masks.
  process.env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] = 'pg,redis';
  const { startTracingSdk } = await import('./tracing-sdk.ts');
  setRunningTracing(await startTracingSdk(process.env));
}
