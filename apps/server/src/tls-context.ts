import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { limits } from './limits.ts';

/** Where certificate and key of the public port lie, in PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** The files cannot be used; the message says which and why. */
export class TlsFilesError extends Error {
  readonly code = 'TLS_FILES_UNUSABLE';

  constructor(problems: readonly string[]) {
    super(problems.join(' '));
    this.name = 'TlsFilesError';
  }
}

/**
 * What the public port proves itself with: read when it is made, and again when it is told to. Connections that are open keep
 * what they began with.
 */
export class TlsContext {
  readonly #files: TlsFiles;
  readonly #servers = new Set<Server>();
  #options: SecureContextOptions;

  /** Throws TlsFilesError. */
  constructor(files: TlsFiles) {
    this.#files = files;
    this.#options = usable(files);
  }

  /** A server that takes connections at a port of its own, or as they are given to it. */
  createServer(options: ServerOptions): Server {
    const server = createServer({
      ...options,
      ...this.#options,
      handshakeTimeout: limits.handshakeMs,
    });
    this.#servers.add(server);
    return server;
  }

  /** Reads the files again. Throws TlsFilesError, and goes on with what it had. */
  reload(): void {
    this.#options = usable(this.#files);
    for (const server of this.#servers) server.setSecureContext(this.#options);
  }
}

/** What is wrong with the files, in words; empty if they can be used. */
export function problemsOfTlsFiles(files: TlsFiles): readonly string[] {
  const { problems } = readTlsFiles(files);
  return problems;
}

function usable(files: TlsFiles): SecureContextOptions {
  const { options, problems } = readTlsFiles(files);
  if (problems.length > 0) throw new TlsFilesError(problems);
  return options;
}

interface ReadFiles {
  readonly options: SecureContextOptions;
  readonly problems: readonly string[];
}

function readTlsFiles({ certFile, keyFile }: TlsFiles): ReadFiles {
  const cert = readPem('TLS_CERT_FILE', certFile, {
    expected: 'a certificate in PEM, with those between it and its authority after it',
    parse: (pem) => new X509Certificate(pem),
  });
  const key = readPem('TLS_KEY_FILE', keyFile, {
    expected: 'a private key in PEM, without a passphrase',
    parse: createPrivateKey,
  });
  const options = { cert: cert.pem, key: key.pem, minVersion: 'TLSv1.2' } as const;
  const problems = [cert.problem, key.problem].filter((problem) => problem !== undefined);
  const problem = cert.parsed && key.parsed && pairProblem(cert.parsed, key.parsed, options);
  return { options, problems: problem === undefined ? problems : [problem] };
}

interface ReadPem<Parsed> {
  readonly pem?: Buffer;
  readonly parsed?: Parsed;
  readonly problem?: string;
}

function readPem<Parsed>(
  variable: string,
  file: string,
  { expected, parse }: { readonly expected: string; readonly parse: (pem: Buffer) => Parsed },
): ReadPem<Parsed> {
  const given = `${variable} is ${JSON.stringify(file)}`;
  try {
    const pem = readFileSync(file);
    const parsed = attempt(() => parse(pem));
    if (parsed !== undefined && pem.includes('-----BEGIN ')) return { pem, parsed };
    return { problem: `${given}, which holds something else; expected ${expected}.` };
  } catch (err) {
    const code = err instanceof Error && 'code' in err ? String(err.code) : 'unknown';
    return { problem: `${given}, which cannot be read (${code}); expected ${expected}.` };
  }
}

function pairProblem(
  certificate: X509Certificate,
  key: KeyObject,
  options: SecureContextOptions,
): string | undefined {
  if (!certificate.checkPrivateKey(key)) {
    return 'TLS_KEY_FILE holds the key of another certificate; expected that of the first one in TLS_CERT_FILE.';
  }
  // What OpenSSL takes for too weak, or a chain that breaks off.
  if (attempt(() => createSecureContext(options)) !== undefined) return undefined;
  return 'TLS_CERT_FILE and TLS_KEY_FILE are refused by OpenSSL; expected a certificate and a key of today’s strength.';
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
