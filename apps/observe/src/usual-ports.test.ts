import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { PortsTakenError, refuseTakenPorts, usualPorts } from './usual-ports.ts';

test('a port that is taken is named with what it was for, and with the way around it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const refused = refuseTakenPorts({ ...usualPorts, prometheus: port });
  await expect(refused).rejects.toBeInstanceOf(PortsTakenError);
  await expect(refused).rejects.toThrow(`port ${String(port)} (Prometheus)`);
  await expect(refused).rejects.toThrow('npm run observe -- --ports free');
  other.close();
});

test('no two of the usual ports are the same', () => {
  const ports = Object.values(usualPorts);
  expect(new Set(ports).size).toBe(ports.length);
});
