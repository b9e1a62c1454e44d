import { isPortFree } from '@throughline/local-stack';
import type { ObservedPorts } from './observed-ports.ts';

/** Those of docker-compose.yml. */
export const usualPorts: ObservedPorts = {
  trpc: 3000,
  metrics: 9464,
  prometheus: 9090,
  alertmanager: 9093,
  notifications: 9095,
  redisExporter: 9121,
  postgresExporter: 9187,
};

const purposes = new Map<keyof ObservedPorts, string>([
  ['trpc', 'tRPC'],
  ['metrics', 'metrics of the service'],
  ['prometheus', 'Prometheus'],
  ['alertmanager', 'Alertmanager'],
  ['notifications', 'notifications'],
  ['redisExporter', 'exporter of Redis'],
  ['postgresExporter', 'exporter of PostgreSQL'],
]);

/** Somebody else listens where we were to. */
export class PortsTakenError extends Error {
  readonly code = 'PORTS_TAKEN';
  constructor(taken: readonly string[]) {
    super(`Taken already: ${taken.join(', ')}.
Stop what listens there (npm start, docker compose, another npm run observe?), or take free ones: npm run observe -- --ports free`);
  }
}

/** Throws PortsTakenError, which names all that are taken, unless every port can be listened on. */
export async function refuseTakenPorts(ports: ObservedPorts): Promise<void> {
  const taken: string[] = [];
  for (const [name, purpose] of purposes) {
    const port = ports[name];
    if (!(await isPortFree(port))) taken.push(`port ${String(port)} (${purpose})`);
  }
  if (taken.length > 0) throw new PortsTakenError(taken);
}
