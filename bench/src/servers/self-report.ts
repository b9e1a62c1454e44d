import { createServer } from 'node:http';

/**
 * Tells what this process took, under the names that the service uses for it, so that all are asked in the same way.
 * Resolves when it can be asked.
 */
export async function reportItself(
  port: number,
  counts: () => Readonly<Record<string, number>>,
): Promise<void> {
  const server = createServer((_, res) => {
    const { user, system } = process.cpuUsage();
    const metrics: Record<string, number> = {
      process_cpu_seconds_total: (user + system) / 1e6,
      ...counts(),
    };
    const lines = Object.entries(metrics).map(([name, value]) => `${name} ${value}\n`);
    res.end(lines.join(''));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(port, '127.0.0.1', resolve);
  await promise;
}
