import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { limits } from './limits.ts';

/** Told of every fetch, once for each. */
export interface KeySetObserver {
  fetched(): void;
  failed(err: unknown): void;
}

export type KeySetBounds = Readonly<Record<keyof typeof limits.keySet, number>>;

export interface RemoteKeySetOptions {
  readonly url: URL;
  readonly observer?: KeySetObserver;
  /** Monotonic time in milliseconds. */
  readonly nowMs?: () => number;
  readonly bounds?: KeySetBounds;
}

/** The keys could not be fetched, which says nothing about a token. */
export class KeysAwayError extends Error {}

/**
 * The public keys of an issuer, fetched when a token asks for them.
 *
 * One fetch runs at a time, and none begins within `pauseMs` of the one before, whatever keys tokens name. Keys that are
 * known stay in use until the endpoint answers with others: while it is away a key that was withdrawn is believed, and no
 * client of a key that was not is turned away. While it answers, keys are at most `freshMs` old.
 */
export class RemoteKeySet {
  readonly #url: URL;
  readonly #observer: KeySetObserver | undefined;
  readonly #nowMs: () => number;
  readonly #bounds: KeySetBounds;
  #keys: JWTVerifyGetKey | undefined;
  #fetchedAtMs = -Infinity;
  #begunAtMs = -Infinity;
  #pending: Promise<void> | undefined;
  /** Why the last fetch failed; undefined if it did not. */
  #failure: Error | undefined;

  constructor({ url, observer, nowMs, bounds }: RemoteKeySetOptions) {
    this.#url = url;
    this.#observer = observer;
    this.#nowMs = nowMs ?? (() => performance.now());
    this.#bounds = bounds ?? limits.keySet;
  }

  /** The key that a token names. Rejects with KeysAwayError where that cannot be told, else because of the token. */
  readonly keyFor: JWTVerifyGetKey = async (header, token) => {
    if (this.#keys === undefined) await this.#fetch();
    else if (this.#nowMs() - this.#fetchedAtMs >= this.#bounds.freshMs) await this.#renew();
    try {
      return await this.#known()(header, token);
    } catch (err) {
      if (!(err instanceof errors.JWKSNoMatchingKey)) throw blamed(err);
    }
    await this.#fetch();
    try {
      return await this.#known()(header, token);
    } catch (err) {
      // The key may be one of those that could not be fetched.
      throw blamed(this.#failure ?? err);
    }
  };

  #known(): JWTVerifyGetKey {
    if (this.#keys !== undefined) return this.#keys;
    throw new KeysAwayError('No keys are known.', { cause: this.#failure });
  }

  /** Requests wait for it a moment, so that a key that was withdrawn is not believed; of an endpoint that is away, not again. */
  async #renew(): Promise<void> {
    const fetched = this.#fetch();
    if (this.#failure !== undefined) return;
    const { promise: tired, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#bounds.patienceMs);
    await Promise.race([fetched, tired]);
    clearTimeout(timer);
  }

  /** Joins the fetch that runs, and begins none where one began a moment ago. Does not reject. */
  async #fetch(): Promise<void> {
    const { pauseMs, firstPauseMs } = this.#bounds;
    const pause = this.#keys === undefined ? firstPauseMs : pauseMs;
    if (this.#pending === undefined && this.#nowMs() - this.#begunAtMs >= pause) {
      this.#begunAtMs = this.#nowMs();
      this.#pending = this.#load().finally(() => (this.#pending = undefined));
    }
    await this.#pending;
  }

  async #load(): Promise<void> {
    try {
      this.#keys = createLocalJWKSet(await fetchKeySet(this.#url, this.#bounds));
      this.#fetchedAtMs = this.#nowMs();
      this.#failure = undefined;
      this.#observer?.fetched();
    } catch (err) {
      this.#failure = new Error('The keys at AUTH_JWKS_URL could not be fetched.', { cause: err });
      this.#observer?.failed(err);
    }
  }
}

/** What `createLocalJWKSet` asks of a set; each key is judged when a token names it. */
const keySetSchema: z.ZodType<JSONWebKeySet> = z.object({
  keys: z.array(z.looseObject({ kty: z.string() })),
});

async function fetchKeySet(url: URL, bounds: KeySetBounds): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    // Another address is none that somebody has configured.
    redirect: 'error',
    signal: AbortSignal.timeout(bounds.fetchMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`The answer has the status ${response.status}.`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > bounds.bytesMax) throw new Error(`The answer is over ${bounds.bytesMax} bytes.`);
    chunks.push(chunk);
  }
  return keySetSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}

/** Whatever is not about the token is about the keys: a key of the set that cannot be used, too. */
function blamed(err: unknown): unknown {
  if (err instanceof KeysAwayError) return err;
  const isAboutToken =
    err instanceof errors.JWKSNoMatchingKey ||
    err instanceof errors.JWKSMultipleMatchingKeys ||
    err instanceof errors.JOSENotSupported;
  return isAboutToken ? err : new KeysAwayError('No key can be used.', { cause: err });
}
