import { createTestCertificate } from '@throughline/local-stack/testing';
import { createLogger } from '@throughline/telemetry';
import { generateKeyPairSync } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request as openRequest } from 'node:https';
import {
  connect as connectPlainly,
  createServer as createDealer,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, TLSSocket, type ConnectionOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { openHttpEndpoint, type HttpEndpoint } from './http-endpoint.ts';
import { limits } from './limits.ts';
import { reloadOnHangUp } from './reload-on-hang-up.ts';
import { problemsOfTlsFiles, TlsContext, TlsFilesError, type TlsFiles } from './tls-context.ts';

type TestCertificate = Awaited<ReturnType<typeof createTestCertificate>>;

let directory: string;
let files: TlsFiles;
let first: TestCertificate;
let second: TestCertificate;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tls-'));
  files = { certFile: path.join(directory, 'cert.pem'), keyFile: path.join(directory, 'key.pem') };
  [first, second] = await Promise.all([createTestCertificate(), createTestCertificate()]);
  await install(first);
});
afterEach(async () => {
  await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
  await rm(directory, { recursive: true });
});

describe('an endpoint with TLS', () => {
  test('answers over it, names its URL so, and is believed by who knows its authority', async () => {
    await using endpoint = await open(new TlsContext(files));
    expect(endpoint.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const agent = new Agent({ ca: await readFile(first.certificateFile) });
    expect(await statusOf(endpoint.url, agent)).toBe(200);
    await expect(statusOf(endpoint.url, new Agent())).rejects.toThrow('self-signed certificate');
  });

  test.each([
    ['TLSv1.3', 'TLSv1.3'],
    ['TLSv1.2', 'TLSv1.2'],
  ] as const)('speaks %s', async (version, protocol) => {
    await using endpoint = await open(new TlsContext(files));
    using socket = await handshake(endpoint, { minVersion: version, maxVersion: version });
    expect(socket.getProtocol()).toBe(protocol);
  });

  test('speaks nothing older, whatever a client would do with', async () => {
    const ciphers = 'ALL@SECLEVEL=0';
    // What OpenSSL would speak if it were let.
    const server = new TlsContext(files).createServer({ ciphers });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const versions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    const url = `https://127.0.0.1:${portOf(server)}`;
    await expect(handshake({ url }, { ...versions, ciphers })).rejects.toThrow(/protocol version/);
    server.close();
    await once(server, 'close');
  });

  test('cuts a client that speaks plainly, and answers the next one', async () => {
    await using endpoint = await open(new TlsContext(files));
    const socket = connectPlainly(Number(new URL(endpoint.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await textOf(socket)).not.toContain('HTTP/1.1');
    expect(await statusOf(endpoint.url, trusting())).toBe(200);
  });

  test('closes in time though a client never shakes hands', { timeout: 30_000 }, async () => {
    const endpoint = await open(new TlsContext(files));
    const socket = connectPlainly(Number(new URL(endpoint.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const cut = once(socket, 'close').then(() => 'cut');
    const late = new Promise((resolve) => setTimeout(resolve, limits.drainMs, 'late').unref());
    expect(await Promise.race([endpoint[Symbol.asyncDispose](), late])).toBeUndefined();
    expect(await cut).toBe('cut');
  });

  test('lets a request in flight finish when it closes', async () => {
    const arrived = Promise.withResolvers<() => void>();
    const endpoint = await openHttpEndpoint({
      listener: (_, res) => arrived.resolve(() => res.end('done')),
      host: '127.0.0.1',
      port: 0,
      tls: new TlsContext(files),
    });
    const status = statusOf(endpoint.url, trusting());
    const finish = await arrived.promise;
    const closed = endpoint[Symbol.asyncDispose]();
    finish();
    expect(await status).toBe(200);
    await closed;
  });

  test('takes connections that somebody else has accepted', async () => {
    const server = new TlsContext(files).createServer({});
    server.on('request', (_, res) => res.end('dealt'));
    const dealer = createDealer((socket) => server.emit('connection', socket));
    dealer.listen(0, '127.0.0.1');
    await once(dealer, 'listening');
    expect(await statusOf(`https://127.0.0.1:${portOf(dealer)}`, trusting())).toBe(200);
    dealer.close();
    await once(dealer, 'close');
  });
});

describe('files that were replaced', () => {
  test('are used for new connections once they are read again, and open ones go on', async () => {
    const tls = new TlsContext(files);
    await using endpoint = await open(tls);
    const agent = trusting({ keepAlive: true, maxSockets: 1 });
    expect(await statusOf(endpoint.url, agent)).toBe(200);
    const before = await fingerprintOf(endpoint);
    await install(second);
    expect(await fingerprintOf(endpoint)).toBe(before);
    tls.reload();
    const after = await fingerprintOf(endpoint);
    expect(after).not.toBe(before);
    // Whether it is the connection of before: a new one would show the new certificate.
    expect(await fingerprintSeenBy(endpoint.url, agent)).toBe(before);
    agent.destroy();
  });

  test('are read again at SIGHUP, and those that cannot be used change nothing and are told', async () => {
    const tls = new TlsContext(files);
    await using endpoint = await open(tls);
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const source = new EventEmitter();
    const logger = createLogger({ level: 'info', destination });
    using _ = reloadOnHangUp(tls, logger, source);
    const before = await fingerprintOf(endpoint);
    await copyFile(second.certificateFile, files.certFile);
    source.emit('SIGHUP');
    expect(lines.at(-1)).toContain('those before stay in use');
    expect(await fingerprintOf(endpoint)).toBe(before);
    await using later = await open(tls);
    expect(await fingerprintOf(later)).toBe(before);
    await install(second);
    source.emit('SIGHUP');
    expect(lines.at(-1)).toContain('certificate and key were read again');
    expect(await fingerprintOf(endpoint)).not.toBe(before);
  });

  test('are used by a server that is made later', async () => {
    const tls = new TlsContext(files);
    await using one = await open(tls);
    await install(second);
    tls.reload();
    await using other = await open(tls);
    expect(await fingerprintOf(other)).toBe(await fingerprintOf(one));
  });
});

describe('files that cannot be used', () => {
  test.each<[string, () => Promise<unknown>, RegExp[]]>([
    [
      'are not there',
      () => Promise.all([rm(files.certFile), rm(files.keyFile)]),
      [
        /^TLS_CERT_FILE is ".*cert\.pem", which cannot be read \(ENOENT\); expected a certificate/,
        /^TLS_KEY_FILE is ".*key\.pem", which cannot be read \(ENOENT\); expected a private key/,
      ],
    ],
    [
      'are a folder',
      async () => {
        files = { ...files, keyFile: directory };
      },
      [/^TLS_KEY_FILE .* cannot be read \(EISDIR\)/],
    ],
    [
      'hold text',
      () => writeFile(files.certFile, 'certificate'),
      [/^TLS_CERT_FILE .* holds something else/],
    ],
    [
      'are swapped',
      swap,
      [/^TLS_CERT_FILE .* holds something else/, /^TLS_KEY_FILE .* holds something else/],
    ],
    [
      'do not belong together',
      () => copyFile(second.keyFile, files.keyFile),
      [/^TLS_KEY_FILE holds the key of another certificate/],
    ],
    [
      'have a passphrase',
      () => writeFile(files.keyFile, encryptedKey()),
      [/^TLS_KEY_FILE .* without a passphrase\.$/],
    ],
  ])('%s: told in words, naming the variable', async (_what, spoil, expected) => {
    await spoil();
    const problems = problemsOfTlsFiles(files);
    expect(problems).toEqual(expected.map((each) => expect.stringMatching(each)));
    expect(() => new TlsContext(files)).toThrow(TlsFilesError);
    expect(configProblems({ TLS_CERT_FILE: files.certFile, TLS_KEY_FILE: files.keyFile })).toEqual(
      problems,
    );
  });

  test('a problem never shows what a file holds', async () => {
    await swap();
    const key = await readFile(files.certFile, 'utf8');
    const told = problemsOfTlsFiles(files).join(' ');
    for (const line of key.split('\n').filter((each) => each !== ''))
      expect(told).not.toContain(line);
  });
});

test('one file without the other is a problem', () => {
  expect(configProblems({ TLS_CERT_FILE: files.certFile })).toEqual([
    'TLS_KEY_FILE is missing; expected TLS_CERT_FILE and TLS_KEY_FILE together.',
  ]);
  expect(configProblems({ TLS_KEY_FILE: files.keyFile })).toEqual([
    'TLS_CERT_FILE is missing; expected TLS_CERT_FILE and TLS_KEY_FILE together.',
  ]);
  expect(configProblems({ TLS_CERT_FILE: files.certFile, TLS_KEY_FILE: files.keyFile })).toEqual(
    [],
  );
});

async function install({ certificateFile, keyFile }: TestCertificate): Promise<void> {
  await copyFile(certificateFile, files.certFile);
  await copyFile(keyFile, files.keyFile);
}

async function swap(): Promise<void> {
  await copyFile(first.keyFile, files.certFile);
  await copyFile(first.certificateFile, files.keyFile);
}

function encryptedKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encryption = { cipher: 'aes-256-cbc', passphrase: 'secret' };
  return privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption });
}

function configProblems(environment: Record<string, string>): readonly string[] {
  const stores = { DATABASE_URL: 'postgres://db/shop', REDIS_URL: 'redis://cache' };
  const result = parseConfig({ ...stores, ...environment });
  return result.ok ? [] : result.problems;
}

function open(tls: TlsContext): Promise<HttpEndpoint> {
  return openHttpEndpoint({ listener: (_, res) => res.end(), host: '127.0.0.1', port: 0, tls });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

function trusting(options: { keepAlive?: boolean; maxSockets?: number } = {}): Agent {
  return new Agent({ ...options, rejectUnauthorized: false });
}

async function handshake({ url }: Pick<HttpEndpoint, 'url'>, options: ConnectionOptions) {
  const port = Number(new URL(url).port);
  const socket = connect({ ...options, port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() });
}

async function fingerprintOf(endpoint: HttpEndpoint): Promise<string> {
  using socket = await handshake(endpoint, {});
  return socket.getPeerCertificate().fingerprint256;
}

async function fingerprintSeenBy(url: string, agent: Agent): Promise<string> {
  const { socket } = await responseOf(url, agent);
  if (!(socket instanceof TLSSocket)) throw new Error('The connection is not encrypted.');
  return socket.getPeerCertificate().fingerprint256;
}

async function statusOf(url: string, agent: Agent): Promise<number | undefined> {
  return (await responseOf(url, agent)).status;
}

async function responseOf(url: string, agent: Agent) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  openRequest(url, { agent }, resolve).on('error', reject).end();
  const response = await promise;
  const { statusCode: status, socket } = response;
  response.resume();
  await once(response, 'close');
  return { status, socket };
}

async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}
