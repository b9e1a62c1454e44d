import { metricTable } from '@throughline/telemetry/metric-table';
import { examinePrometheus } from './examine-prometheus.ts';
import { fault, fine, type Finding } from './finding.ts';
import type { MetricsPage } from './metrics-page.ts';
import { becomes } from './patient.ts';
import type { SpanWitness } from './span-witness.ts';
import { type ServiceAddress, type Visit, VisitedService } from './visited-service.ts';

export interface Examination extends ServiceAddress {
  /** All that the service has logged so far; left out, nobody looks. */
  readonly log?: (() => Promise<string>) | undefined;
  /** Left out, the service's own count of spans is believed. */
  readonly spans?: SpanWitness | undefined;
  readonly prometheusUrl?: string | undefined;
  /** How long spans and log lines may take: longer than the exporter waits before it sends. */
  readonly patienceMs: number;
}

const turnOn =
  'set OTEL_EXPORTER_OTLP_ENDPOINT, and start it with --import @throughline/telemetry/start-tracing';
const reach = 'start the service, or give its addresses with --url and --metrics';

/** Looks at a running service from outside, step by step: whether an operator could rely on what it tells. */
export async function* examine(options: Examination): AsyncGenerator<Finding, void> {
  const service = new VisitedService(options);
  yield await ready(service);
  const before = await pageOf(service);
  yield version(before);
  yield table(before);
  const visit = await service.readProduct(1).catch(() => undefined);
  yield answered(visit);
  if (visit === undefined) return;
  await service.readProduct(0, visit.traceId).catch(() => undefined);
  yield counters(before, await pageOf(service));
  yield traceparent(visit);
  yield await exemplar(service);
  yield await exported({ ...options, service, visit, before });
  const { log } = options;
  if (log !== undefined) yield await logged({ ...options, log, visit });
  if (options.prometheusUrl === undefined) return;
  yield* await examinePrometheus(options.prometheusUrl, options.metricsUrl);
}

async function pageOf(service: VisitedService): Promise<MetricsPage | undefined> {
  return service.metrics().catch(() => undefined);
}

async function ready(service: VisitedService): Promise<Finding> {
  const answer = await service.readiness().catch(() => undefined);
  if (answer === undefined) return fault('ready', 'nobody answers at /health/ready', reach);
  return answer.status === 200
    ? fine('ready', 'the service is ready')
    : fault('ready', `the service is not ready, ${answer.text}`, 'see docs/operations.md, Health');
}

function version(page: MetricsPage | undefined): Finding {
  const told = page?.label('app_build_info', 'version');
  const commit = page?.label('app_build_info', 'commit') ?? '';
  if (told === undefined) return fault('version', 'nobody tells it at /metrics', reach);
  return fine('version', `${told}, commit ${commit}`);
}

function table(page: MetricsPage | undefined): Finding {
  if (page === undefined) return fault('metrics', 'nobody answers at /metrics', reach);
  const isOpen = page.contentType.startsWith('application/openmetrics-text') && page.isWhole;
  if (!isOpen) {
    const toDo = 'give the address of the service itself with --metrics';
    return fault('metrics', `the answer is no whole OpenMetrics, ${page.contentType}`, toDo);
  }
  const names = Object.keys(metricTable);
  const missing = names.filter((name) => !page.has(name));
  return missing.length === 0
    ? fine('metrics', `all ${String(names.length)} are exposed`)
    : fault('metrics', `missing: ${missing.join(', ')}`, 'run the doctor of the same release');
}

function answered(visit: Visit | undefined): Finding {
  if (visit === undefined) return fault('call', 'product.byId is not answered', reach);
  if (visit.status === 401 || visit.status === 403) {
    const found = `product.byId is refused with ${String(visit.status)}`;
    return fault('call', found, 'give a token that may read with --token');
  }
  return visit.status < 500
    ? fine('call', 'product.byId is answered')
    : fault('call', `product.byId fails with ${String(visit.status)}`, 'look at the log');
}

const moving = [
  ['trpc_requests_total', 'operation="byId"'],
  ['product_read_duration_seconds_count', 'operation="byId"'],
  ['cache_requests_total', 'namespace="product"'],
] as const;

function counters(before: MetricsPage | undefined, after: MetricsPage | undefined): Finding {
  if (before === undefined || after === undefined) {
    return fault('counters', 'there are no metrics to look at', reach);
  }
  const still = moving.filter(([name, label]) => after.sum(name, label) <= before.sum(name, label));
  return still.length === 0
    ? fine('counters', 'the call moved them')
    : fault(
        'counters',
        `the call did not move ${still.map(([name]) => name).join(', ')}`,
        'give --url and --metrics of one process',
      );
}

function traceparent(visit: Visit): Finding {
  if (visit.traceparent === undefined) {
    return fault('traceparent', 'the answer has none: the service does not trace', turnOn);
  }
  return visit.traceparent.startsWith(`00-${visit.traceId}-`)
    ? fine('traceparent', 'the service goes on in the trace of its caller')
    : fault('traceparent', 'the service began a trace of its own', 'set OTEL_PROPAGATORS');
}

const exemplarTriesMax = 10;

/** Other calls may take the place of ours between the call and the look, so it is tried again. */
async function exemplar(service: VisitedService): Promise<Finding> {
  for (let tries = 0; tries < exemplarTriesMax; tries += 1) {
    const visit = await service.readProduct(1).catch(() => undefined);
    const page = await pageOf(service);
    if (visit && page?.hasExemplar('product_read_duration_seconds_bucket', visit.traceId)) {
      return fine('exemplar', 'the histogram of reads names the trace of the call');
    }
  }
  return fault('exemplar', 'the histogram of reads names no trace of ours', turnOn);
}

interface ExportedParts extends Examination {
  readonly service: VisitedService;
  readonly visit: Visit;
  readonly before: MetricsPage | undefined;
}

async function exported({ service, visit, before, spans, patienceMs }: ExportedParts) {
  const patience = { forMs: patienceMs, everyMs: 200 };
  if (spans !== undefined) {
    const hasSeen = async () => spans.hasSeen(visit.traceId).catch(() => false);
    return (await becomes(hasSeen, patience))
      ? fine('spans', `the trace of the call came to ${spans.name}`)
      : fault('spans', `the trace of the call did not come to ${spans.name}`, turnOn);
  }
  const grows = async () => exportedIn(await pageOf(service)) > exportedIn(before);
  return (await becomes(grows, patience))
    ? fine('spans', 'they are exported, by the count of the service')
    : fault('spans', 'none is exported, by the count of the service', turnOn);
}

function exportedIn(page: MetricsPage | undefined): number {
  return page?.sum('telemetry_spans_total', 'outcome="exported"') ?? 0;
}

interface LoggedParts extends Pick<Examination, 'patienceMs'> {
  readonly log: () => Promise<string>;
  readonly visit: Visit;
}

/** The second call of that trace was refused, and refusals are logged. */
async function logged({ log, visit, patienceMs }: LoggedParts): Promise<Finding> {
  const isThere = async () => {
    const text = await log().catch(() => '');
    return text.split('\n').some((line) => line.includes(`"trace_id":"${visit.traceId}"`));
  };
  return (await becomes(isThere, { forMs: patienceMs, everyMs: 200 }))
    ? fine('log', 'the line of a refused call names its trace')
    : fault('log', 'no line names the trace of a refused call', turnOn);
}
