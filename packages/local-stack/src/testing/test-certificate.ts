import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import type { RedisCertificate } from '../redis-server.ts';

/** A certificate for 127.0.0.1 that nobody knows as an authority, in files that go with it. */
export async function createTestCertificate(): Promise<RedisCertificate & AsyncDisposable> {
  const directory = await mkdtemp(path.join(tmpdir(), 'certificate-'));
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  const certificateFile = path.join(directory, 'certificate.pem');
  const keyFile = path.join(directory, 'key.pem');
  await writeFile(certificateFile, cert);
  await writeFile(keyFile, key, { mode: 0o600 });
  return {
    certificateFile,
    keyFile,
    [Symbol.asyncDispose]: async () => rm(directory, { recursive: true, force: true }),
  };
}
