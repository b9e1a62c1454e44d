import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseConfig } from './config.ts';
import { readComposeFile, readYaml, root, type ComposeService } from './testing/compose-file.ts';

const { services, volumes } = await readComposeFile();

/** Where the programs of others listen if nobody tells them another port. */
const usualPorts: Readonly<Record<string, number>> = {
  postgres: 5432,
  redis: 6379,
  'postgres-exporter': 9187,
  'redis-exporter': 9121,
  prometheus: 9090,
  alertmanager: 9093,
  tempo: 3200,
  grafana: 3000,
};

test('the server is told nothing that its configuration does not know, and starts with what it is told', async () => {
  const environment = serviceOf('server').environment;
  const source = await readFile(path.join(import.meta.dirname, 'config.ts'), 'utf8');
  const known = (name: string) => name.startsWith('OTEL_') || source.includes(`\n  ${name}: `);
  expect(Object.keys(environment).filter((name) => !known(name))).toEqual([]);
  expect(parseConfig(environment)).toMatchObject({ ok: true, config: { host: '0.0.0.0' } });
});

test('spans are sent to Tempo, where it takes them, by a server that makes some', async () => {
  const { hostname, port } = new URL(
    serviceOf('server').environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '',
  );
  expect(hostname).toBe('tempo');
  const http = z.object({ http: z.object({ endpoint: z.string() }) });
  const otlp = z.object({ otlp: z.object({ protocols: http }) });
  const { distributor } = z
    .object({ distributor: z.object({ receivers: otlp }) })
    .parse(await readYaml('tempo/tempo.yml'));
  const { endpoint } = distributor.receivers.otlp.protocols.http;
  expect(endpoint).toBe(`0.0.0.0:${port}`);
  const dockerfile = await readFile(path.join(root, 'Dockerfile'), 'utf8');
  expect(dockerfile).toContain('"--import", "@throughline/telemetry/start-tracing"');
});

test('traffic signs its tokens with the secret that the server verifies them with', () => {
  const [theirs, ours] = [serviceOf('traffic').environment, serviceOf('server').environment];
  expect(theirs['AUTH_JWT_SECRET']).toBe(ours['AUTH_JWT_SECRET']);
  expect(theirs['URL']).toBe(`http://server:${ours['PORT'] ?? ''}/trpc`);
});

test('every image has an exact version, or is built from a stage of the Dockerfile', async () => {
  const dockerfile = await readFile(path.join(root, 'Dockerfile'), 'utf8');
  const exact = /:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/;
  const loose = Object.entries(services).filter(([, { image = '', build }]) =>
    build ? !dockerfile.includes(` AS ${build.target}\n`) : !exact.test(image),
  );
  expect(loose).toEqual([]);
  const { devDependencies } = z
    .object({ devDependencies: z.object({ node: z.string() }) })
    .parse(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')));
  const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(new Set(images)).toEqual(new Set([`node:${devDependencies.node}-slim`]));
});

test('whatever is mounted exists, and is not written to', () => {
  const mounts = Object.values(services).flatMap((service) => service.volumes);
  expect(mounts.length).toBeGreaterThan(5);
  const wrong = mounts.filter((mount) => {
    const [from = '', , access] = mount.split(':');
    if (!from.startsWith('./')) return !Object.hasOwn(volumes, from);
    return access !== 'ro' || !existsSync(path.join(root, from));
  });
  expect(wrong).toEqual([]);
});

test('whoever is waited for exists, and can become healthy', async () => {
  const dockerfile = await readFile(path.join(root, 'Dockerfile'), 'utf8');
  expect(dockerfile).toContain('\nHEALTHCHECK ');
  for (const { depends_on: awaited } of Object.values(services)) {
    for (const name of Object.keys(awaited)) {
      const { healthcheck, build } = serviceOf(name);
      expect(healthcheck !== undefined || build?.target === 'server', name).toBe(true);
    }
  }
});

test('no two services take the same port of the machine, and what they publish they listen at', () => {
  const published = Object.entries(services).flatMap(([name, { ports }]) =>
    ports.map((port) => ({ name, port, inside: Number(port.split(':')[2]) })),
  );
  expect(new Set(published.map(({ port }) => port.split(':')[1])).size).toBe(published.length);
  for (const { name, inside } of published) expect(portsOf(name), name).toContain(inside);
});

test('whatever Prometheus scrapes and tells is a service of the file, at its port', async () => {
  const targets = z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) });
  const config = z
    .object({
      scrape_configs: z.array(targets),
      alerting: z.object({ alertmanagers: z.array(targets) }),
    })
    .parse(await readYaml('prometheus/prometheus.yml'));
  const all = [...config.scrape_configs, ...config.alerting.alertmanagers].flatMap((entry) =>
    entry.static_configs.flatMap((one) => one.targets),
  );
  expect(all.length).toBeGreaterThan(4);
  for (const target of all) expectReachable(`http://${target}`, 'prometheus');
});

test('whoever Alertmanager notifies is a service of the file, at its port', async () => {
  const webhooks = z.array(z.object({ webhook_configs: z.array(z.object({ url: z.string() })) }));
  const { receivers } = z
    .object({ receivers: webhooks })
    .parse(await readYaml('prometheus/alertmanager.yml'));
  const program = await readFile(path.join(root, 'examples/traffic/notifications.ts'), 'utf8');
  for (const { webhook_configs: configs } of receivers) {
    for (const { url } of configs) {
      expect(services, url).toHaveProperty(new URL(url).hostname);
      expect(program).toContain(`const port = ${new URL(url).port};`);
    }
  }
});

test('the sources of Grafana are services of the file, under the uids that dashboards name', async () => {
  const { datasources } = z
    .object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) })
    .parse(await readYaml('grafana/provisioning/datasources/datasources.yml'));
  expect(datasources.map(({ uid }) => uid)).toEqual(['prometheus', 'tempo', 'alertmanager']);
  for (const { url } of datasources) expectReachable(url, 'grafana');
  const tempo = z.object({ server: z.object({ http_listen_port: z.int() }) });
  expect(tempo.parse(await readYaml('tempo/tempo.yml')).server.http_listen_port).toBe(
    usualPorts['tempo'],
  );
});

test('Grafana finds the dashboards where they are mounted, and is reached where alerts lead', async () => {
  const { providers } = z
    .object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) })
    .parse(await readYaml('grafana/provisioning/dashboards/dashboards.yml'));
  const { volumes: mounts, ports, environment } = serviceOf('grafana');
  expect(providers.length).toBe(1);
  expect(mounts).toContain(`./grafana/dashboards:${providers[0]?.options.path ?? ''}:ro`);
  const url = new URL(environment['GF_SERVER_ROOT_URL'] ?? '');
  expect(ports).toContain(`127.0.0.1:${url.port}:3000`);
  const rules = await readFile(path.join(root, 'prometheus/rules/cache.yml'), 'utf8');
  expect(rules).toContain(`dashboard_url: ${url.href}d/`);
});

test('Prometheus stores exemplars', () => {
  expect(serviceOf('prometheus').command).toContain('--enable-feature=exemplar-storage');
});

function serviceOf(name: string): ComposeService {
  const found = services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}.`);
  return found;
}

/** The ports that a service listens at. */
function portsOf(name: string): number[] {
  const { PORT, METRICS_PORT } = serviceOf(name).environment;
  const usual = usualPorts[name];
  return name === 'server'
    ? [Number(PORT), Number(METRICS_PORT)]
    : usual === undefined
      ? []
      : [usual];
}

/** `localhost` is the container of whoever asks. */
function expectReachable(url: string, asker: string): void {
  const { hostname, port } = new URL(url);
  const name = hostname === 'localhost' ? asker : hostname;
  expect(portsOf(name), url).toContain(Number(port));
}
