import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';
import type { RequestListener } from 'node:http';
import { openHttpEndpoint } from '../http-endpoint.ts';
import { sendJson } from '../json-response.ts';

/** Who signs tokens and publishes its keys over HTTP, well or not. */
export interface Issuer extends AsyncDisposable {
  readonly url: URL;
  /** How often its keys were asked for. */
  readonly asked: number;
  /** The public keys as they are published, newest last. */
  readonly published: JWK[];
  /** Publishes a new key beside the others, or in their place, and signs with it from now on. */
  rotate(how: 'beside' | 'instead'): Promise<void>;
  /** Answers like this from now on; without an argument, with its keys. */
  answer(listener?: RequestListener): void;
  /** Signs with its newest key, under that key's name or another. */
  sign(claims: JWTPayload, kid?: string): Promise<string>;
  /** The keys' endpoint is gone. */
  close(): Promise<void>;
}

export async function startIssuer(alg = 'ES256'): Promise<Issuer> {
  const published: JWK[] = [];
  let newest = await createKey(alg, 1);
  let count = 1;
  let asked = 0;
  let listener: RequestListener | undefined;
  published.push(newest.jwk);
  const endpoint = await openHttpEndpoint({
    listener: (req, res) => {
      asked += 1;
      if (listener === undefined) sendJson(res, 200, { keys: published });
      else listener(req, res);
    },
    host: '127.0.0.1',
    port: 0,
    drainMs: 1,
  });
  const close = async () => endpoint[Symbol.asyncDispose]();
  return {
    url: new URL('/keys', endpoint.url),
    get asked() {
      return asked;
    },
    published,
    async rotate(how) {
      newest = await createKey(alg, (count += 1));
      if (how === 'instead') published.length = 0;
      published.push(newest.jwk);
    },
    answer: (other) => {
      listener = other;
    },
    sign: (claims, kid = newest.jwk.kid ?? '') =>
      new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(newest.privateKey),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function createKey(alg: string, number: number) {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: `key-${number}`, alg };
  return { privateKey, jwk };
}
