import { diag, DiagLogLevel } from '@opentelemetry/api';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace';
import { GuardedSpanProcessor } from './guarded-processor.ts';
import { rootRatioOf } from './root-ratio.ts';
import type { RunningTracing } from './running-tracing.ts';
import { exportProcessors } from './span-exporter.ts';
import { createStatementMask } from './statement-mask.ts';
import type { Environment } from './tracing-environment.ts';

/** So long may the last spans take when the process stops: less than any supervisor's patience. */
const stopMs = 5_000;

/**
 * Starts the SDK by what the environment says, and has the clients of the stores instrumented. They must not
 * have been loaded before. They are CommonJS, which instrumentation reaches without a hook for ES modules; every module
 * that the process loads would pay for one.
 */
export async function startTracingSdk(environment: Environment): Promise<RunningTracing> {
  const listeners: ((message: string) => void)[] = [];
  const tell = (message: string) => {
    for (const listener of listeners) listener(message);
  };
  const counts = { exported: 0, dropped: 0 };
  const exporting = await exportProcessors(environment, counts);
  const processors = exporting.map((processor) => new GuardedSpanProcessor(processor));
  const rootRatio = rootRatioOf(environment);
  const sdk = new NodeSDK({
    // Those that are not kept never come to the SDK: see `startServerSpan`.
    ...(rootRatio !== undefined && {
      sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    }),
    ...(namesService(environment) ? {} : { serviceName: 'throughline' }),
    instrumentations: instrumentations(await createStatementMask()),
    spanProcessors: processors,
    // Metrics and logs have ways of their own.
    metricReaders: [],
    logRecordProcessors: [],
  });
  // The SDK would say it on stdout, between the lines of the log.
  diag.setLogger(
    { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  sdk.start();
  return {
    counts,
    rootRatio,
    onEnd: (span) => {
      for (const processor of processors) processor.onEnd(span);
    },
    onProblem: (listener) => void listeners.push(listener),
    stop: async () => {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, stopMs);
      await Promise.race([sdk.shutdown(), late]).catch((err: unknown) => tell(String(err)));
      clearTimeout(timer);
    },
  };
}

/**
 * The clients of the stores, as the environment names no others: requests have a span of ours, which costs a fraction,
 * and log lines carry their span by themselves.
 */
function instrumentations(mask: (text: string) => string) {
  return getNodeAutoInstrumentations({
    '@opentelemetry/instrumentation-pg': {
      requireParentSpan: true,
      requestHook: (span, { query: { text } }) => {
        if (span.isRecording()) span.setAttribute('db.query.text', mask(text));
      },
    },
    '@opentelemetry/instrumentation-redis': {
      requireParentSpan: true,
      // The arguments are keys and payloads, and a script is longer than all that a trace should say of it.
      dbStatementSerializer: (command) => command,
    },
  });
}

function namesService({
  OTEL_SERVICE_NAME = '',
  OTEL_RESOURCE_ATTRIBUTES = '',
}: Environment): boolean {
  return OTEL_SERVICE_NAME !== '' || /(^|,)\s*service\.name=/.test(OTEL_RESOURCE_ATTRIBUTES);
}

function ignore(): void {}
