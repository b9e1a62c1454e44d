import { AlertmanagerServer, PrometheusServer } from '@throughline/local-stack';
import { describe, expect, it } from 'vitest';
import { openService } from '../testing/service-on-stores.ts';
import type { RealService } from '../testing/real-service.ts';
import { examine, type Examination } from './examine.ts';
import { lineOf } from './finding.ts';
import { ListeningWitness } from './span-witness.ts';

const turnOn =
  'set OTEL_EXPORTER_OTLP_ENDPOINT, and start it with --import @throughline/telemetry/start-tracing';
const reach = 'start the service, or give its addresses with --url and --metrics';
const soon = { OTEL_BSP_SCHEDULE_DELAY: '50' };

describe('the doctor', { timeout: 120_000 }, () => {
  it.each([
    ['http/json', '1'],
    ['http/protobuf', '1'],
    ['http/protobuf', '2'],
  ])(
    'finds all well where a service traces by %s with SERVER_WORKERS=%s, and is believed by Prometheus',
    async (protocol, workers) => {
      await using witness = await ListeningWitness.start(0);
      await using opened = await openService({
        ...soon,
        OTEL_EXPORTER_OTLP_ENDPOINT: witness.name.replace('the doctor at ', ''),
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        SERVER_WORKERS: workers,
      });
      await using watching = await startPrometheus(opened.service);
      const lines = await visit(opened.service, {
        spans: witness,
        prometheusUrl: watching.url,
        patienceMs: 30_000,
      });
      expect(lines.map((line) => line.replaceAll(/:\d{4,5}/g, ':PORT'))).toEqual([
        'ok      ready         the service is ready',
        'ok      version       0.1.0, commit abc123',
        expect.stringMatching(/^ok {6}metrics {7}all \d\d are exposed$/),
        'ok      call          product.byId is answered',
        'ok      counters      the call moved them',
        'ok      traceparent   the service goes on in the trace of its caller',
        'ok      exemplar      the histogram of reads names the trace of the call',
        'ok      spans         the trace of the call came to the doctor at http://127.0.0.1:PORT',
        'ok      log           the line of a refused call names its trace',
        'ok      prometheus    the service is scraped',
        'ok      rules         none of 1 fails',
        'ok      alertmanager  Prometheus knows whom to tell',
      ]);
    },
  );

  it.each<[string, Record<string, string>, (readonly string[])?]>([
    ['was told no exporter', {}],
    ['was started without its hook', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, []],
  ])('says how to turn tracing on where the service %s', async (_, environment, nodeOptions) => {
    await using opened = await openService(environment, nodeOptions);
    expect((await visit(opened.service, { patienceMs: 500 })).slice(4)).toEqual([
      'ok      counters      the call moved them',
      `not ok  traceparent   the answer has none: the service does not trace: ${turnOn}`,
      `not ok  exemplar      the histogram of reads names no trace of ours: ${turnOn}`,
      `not ok  spans         none is exported, by the count of the service: ${turnOn}`,
      `not ok  log           no line names the trace of a refused call: ${turnOn}`,
    ]);
  });

  it('tells a service that traces to nobody from one that does not trace', async () => {
    await using witness = await ListeningWitness.start(0);
    await using opened = await openService({
      ...soon,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    });
    const lines = await visit(opened.service, { spans: witness, patienceMs: 1_000 });
    expect(lines.filter((line) => line.startsWith('not ok'))).toEqual([
      `not ok  spans         the trace of the call did not come to ${witness.name}: ${turnOn}`,
    ]);
  });

  it('says which half of a service cannot be reached', async () => {
    await using opened = await openService();
    const nowhere = { metricsUrl: 'http://127.0.0.1:1', patienceMs: 100 };
    expect((await visit(opened.service, nowhere)).slice(0, 5)).toEqual([
      `not ok  ready         nobody answers at /health/ready: ${reach}`,
      `not ok  version       nobody tells it at /metrics: ${reach}`,
      `not ok  metrics       nobody answers at /metrics: ${reach}`,
      'ok      call          product.byId is answered',
      `not ok  counters      there are no metrics to look at: ${reach}`,
    ]);
    expect((await visit(opened.service, { url: 'http://127.0.0.1:1/trpc' })).slice(3)).toEqual([
      `not ok  call          product.byId is not answered: ${reach}`,
    ]);
  });

  it('says what a Prometheus lacks that watches something else', async () => {
    await using opened = await openService();
    await using prometheus = await PrometheusServer.start({ config: '{}' });
    const watched = { prometheusUrl: prometheus.url, patienceMs: 100 };
    const { port } = new URL(opened.service.metricsUrl);
    expect((await visit(opened.service, watched)).slice(-3)).toEqual([
      `not ok  prometheus    no target has the port ${port}: add the service to scrape_configs, see packages/monitoring/README.md`,
      'not ok  rules         there are none: add prometheus/rules to rule_files',
      'not ok  alertmanager  Prometheus knows none: add it to alerting in prometheus.yml',
    ]);
    const away = { prometheusUrl: 'http://127.0.0.1:1', patienceMs: 100 };
    expect((await visit(opened.service, away)).slice(-1)).toEqual([
      'not ok  prometheus    no Prometheus answers at http://127.0.0.1:1: start it, or give its address with --prometheus',
    ]);
  });
});

async function visit(service: RealService, options: Partial<Examination>): Promise<string[]> {
  const log = async () => service.process.printed().join('\n');
  const { url, metricsUrl } = service;
  const findings = examine({ url, metricsUrl, log, patienceMs: 100, ...options });
  return (await Array.fromAsync(findings)).map(lineOf);
}

/** With one rule and an Alertmanager, when it has scraped the service. */
async function startPrometheus({ metricsUrl }: Pick<RealService, 'metricsUrl'>) {
  await using opening = new AsyncDisposableStack();
  const alertmanager = opening.use(
    await AlertmanagerServer.start({
      config: JSON.stringify({ route: { receiver: 'none' }, receivers: [{ name: 'none' }] }),
    }),
  );
  const targets = [new URL(metricsUrl).host];
  const prometheus = opening.use(
    await PrometheusServer.start({
      config: JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: ['rules/*.yml'],
        alerting: {
          alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }],
        },
        scrape_configs: [{ job_name: 'throughline', static_configs: [{ targets }] }],
      }),
      files: {
        'rules/one.yml': JSON.stringify({
          groups: [{ name: 'one', rules: [{ record: 'one', expr: 'vector(1)' }] }],
        }),
      },
    }),
  );
  const health = async () => (await fetch(`${prometheus.url}/api/v1/query?query=up == 1`)).text();
  await expect.poll(health, { timeout: 30_000 }).toContain('throughline');
  const opened = opening.move();
  return { url: prometheus.url, [Symbol.asyncDispose]: async () => opened.disposeAsync() };
}
