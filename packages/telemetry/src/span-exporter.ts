import { diag, type MeterProvider, createNoopMeter } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import { type Environment, exportersOf } from './tracing-environment.ts';

/** What became of the spans that have ended. */
export interface SpanCounts {
  exported: number;
  /** Those for which the queue had no room, and those that the collector did not take. */
  dropped: number;
}

/**
 * Processors that hand spans in batches to the exporters which the environment names, by the variables of the
 * specification, and count what became of them. The SDK makes the same by itself, but then nobody can stand
 * between it and them, or count what is lost.
 */
export async function exportProcessors(
  environment: Environment,
  counts: SpanCounts,
): Promise<BatchSpanProcessor[]> {
  const named = exportersOf(environment);
  const names = named.length === 0 ? ['otlp'] : named;
  const exporters = await Promise.all(names.map(async (name) => openExporter(name, environment)));
  const settings = batchSettings(environment);
  const selfObsMeterProvider = countingMeters(counts);
  return exporters
    .filter((exporter) => exporter !== undefined)
    .map((exporter) => new BatchSpanProcessor({ exporter, selfObsMeterProvider, ...settings }));
}

async function openExporter(
  name: string,
  environment: Environment,
): Promise<SpanExporter | undefined> {
  if (name === 'otlp') return openOtlpExporter(environment);
  if (name === 'console') return new ConsoleSpanExporter();
  diag.warn(`OTEL_TRACES_EXPORTER names ${name}, which is none of otlp, console and none.`);
  return undefined;
}

async function openOtlpExporter(environment: Environment): Promise<SpanExporter> {
  const protocol =
    textOf(environment, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ??
    textOf(environment, 'OTEL_EXPORTER_OTLP_PROTOCOL');
  switch (protocol) {
    case 'grpc':
      return new (await import('@opentelemetry/exporter-trace-otlp-grpc')).OTLPTraceExporter();
    case 'http/json':
      return new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter();
    default:
      return new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter();
  }
}

/** The SDK's own defaults where nothing is said, or nothing that is a number. */
function batchSettings(environment: Environment) {
  const settings = {
    maxQueueSize: environment['OTEL_BSP_MAX_QUEUE_SIZE'],
    maxExportBatchSize: environment['OTEL_BSP_MAX_EXPORT_BATCH_SIZE'],
    scheduledDelayMillis: environment['OTEL_BSP_SCHEDULE_DELAY'],
    exportTimeoutMillis: environment['OTEL_BSP_EXPORT_TIMEOUT'],
  };
  const numbers = Object.entries(settings).map(([name, value]) => [name, Number(value)] as const);
  return Object.fromEntries(numbers.filter(([, value]) => value > 0));
}

function textOf(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim();
  return text === '' ? undefined : text;
}

/** Processors tell in a metric what became of spans; an SDK of metrics would be too much for this one. */
function countingMeters(counts: SpanCounts): MeterProvider {
  const meter = createNoopMeter();
  const unheard = meter.createCounter('');
  meter.createCounter = (name) => {
    if (name !== 'otel.sdk.processor.span.processed') return unheard;
    return {
      add: (spans, attributes) => {
        counts[attributes?.['error.type'] === undefined ? 'exported' : 'dropped'] += spans;
      },
    };
  };
  return { getMeter: () => meter };
}
