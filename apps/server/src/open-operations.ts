import type { Config } from './config.ts';
import { openHttpEndpoint, type HttpEndpoint } from './http-endpoint.ts';
import { createOperationsListener, type OperationsListenerOptions } from './operations-listener.ts';

/** Serves metrics and health on their own port, and says where. */
export async function openOperations({
  config: { host, metricsPort: port },
  ...options
}: OperationsListenerOptions & {
  readonly config: Pick<Config, 'host' | 'metricsPort'>;
}): Promise<HttpEndpoint> {
  const operations = await openHttpEndpoint({
    listener: createOperationsListener(options),
    host,
    port,
  });
  options.logger.info({ url: `${operations.url}/metrics` }, 'metrics are served');
  options.logger.info({ url: `${operations.url}/health/ready` }, 'health is served');
  return operations;
}
