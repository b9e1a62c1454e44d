import { createTestCertificate } from '@throughline/local-stack/testing';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request as openRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { startChild } from './testing/child-service.ts';
import { environment } from './testing/main-in-memory.ts';
import { inputOf } from './testing/running-service.ts';

// Starting processes takes its time on a machine that runs every other test beside it.
vi.setConfig({ testTimeout: 60_000 });

test('a process that serves alone speaks TLS, and takes a new certificate at SIGHUP while its connections go on', async () => {
  await using files = await startFiles();
  await using child = startChild('main-in-memory.ts', { ...environment, ...files.variables });
  const { url = '' } = await child.line('tRPC is served');
  expect(url).toMatch(/^https:/);
  await child.line('ready');
  using kept = await files.agentOfNow();
  const { status, hsts } = await read(url, kept);
  expect([status, hsts]).toEqual([404, 'max-age=31536000']);
  await files.replace();
  child.kill('SIGHUP');
  await child.line('certificate and key were read again');
  expect((await read(url, kept)).status).toBe(404);
  using stranger = await files.agentOfNow();
  expect((await read(url, stranger)).status).toBe(404);
});

test('several workers speak TLS, and their successors take a new certificate at SIGHUP', async () => {
  await using files = await startFiles();
  const workers = { ...environment, ...files.variables, SERVER_WORKERS: '2' };
  await using child = startChild('main-in-memory.ts', workers);
  const { url = '' } = await child.line('tRPC is served');
  await child.line('all workers are ready');
  {
    using before = await files.agentOfNow();
    expect((await read(url, before)).status).toBe(404);
  }
  await files.replace();
  child.kill('SIGHUP');
  await child.line('all workers were replaced');
  using after = await files.agentOfNow();
  expect((await read(url, after)).status).toBe(404);
});

test('without its files a process does not start, and says which variable is wrong', async () => {
  await using files = await startFiles();
  const wrong = { ...files.variables, TLS_KEY_FILE: '/nowhere/key.pem' };
  await using child = startChild('main-in-memory.ts', { ...environment, ...wrong });
  expect(await child.exited).toBe(1);
  expect(await child.stderr).toBe(
    'TLS_KEY_FILE is "/nowhere/key.pem", which cannot be read (ENOENT); expected a private key in PEM, without a passphrase.\n',
  );
});

/** A certificate where the process looks for it, which can be replaced by another. */
async function startFiles() {
  const directory = await mkdtemp(path.join(tmpdir(), 'tls-'));
  const certFile = path.join(directory, 'cert.pem');
  const keyFile = path.join(directory, 'key.pem');
  const replace = async () => {
    await using certificate = await createTestCertificate();
    await copyFile(certificate.certificateFile, certFile);
    await copyFile(certificate.keyFile, keyFile);
  };
  await replace();
  return {
    variables: { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile },
    replace,
    /** One that believes nothing but the certificate of now, and keeps its connection. */
    async agentOfNow() {
      const ca = await readFile(certFile);
      const agent = new Agent({ ca, keepAlive: true, maxSockets: 1 });
      return Object.assign(agent, { [Symbol.dispose]: () => agent.destroy() });
    },
    [Symbol.asyncDispose]: async () => rm(directory, { recursive: true }),
  };
}

async function read(url: string, agent: Agent) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const target = `${url}/product.byId?input=${inputOf({ id: 7 })}`;
  openRequest(target, { agent }, resolve).on('error', reject).end();
  const response = await promise;
  response.resume();
  await once(response, 'close');
  return { status: response.statusCode, hsts: response.headers['strict-transport-security'] };
}
