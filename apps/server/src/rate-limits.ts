import { type Auth, RateLimitedError } from '@throughline/api';
import type { Logger } from '@throughline/telemetry';
import { RedisEvaluator } from '@throughline/write-through/redis';
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { clientAddressOf } from './client-address.ts';
import type { Config, RateConfig } from './config.ts';
import { limits } from './limits.ts';

/** Where requests are counted for all processes: what there is to use of Redis. */
export type RateCounts = Pick<RedisEvaluator, 'isReady' | 'eval'> & AsyncDisposable;

export interface RateLimitsOptions extends RateConfig {
  /** Prefix of every key. */
  readonly prefix: string;
  readonly counts: RateCounts;
}

/**
 * Counts the requests of each token's subject and of each address, all processes together, and says when one has sent as many
 * as its rate allows in ten seconds.
 *
 * While Redis cannot be used, each process counts for itself: a limit is no reason to refuse anybody, or to keep them waiting.
 */
export class RateLimits implements AsyncDisposable {
  readonly #counts: RateCounts;
  readonly #proxyHops: number;
  readonly #tokens: RateLimiterRedis | undefined;
  readonly #addresses: RateLimiterRedis | undefined;

  constructor({ perToken, perAddress, proxyHops, prefix, counts }: RateLimitsOptions) {
    this.#counts = counts;
    this.#proxyHops = proxyHops;
    const limiterOf = (name: string, rate: number | undefined) =>
      rate === undefined ? undefined : newLimiter(rate, `${prefix}:${name}`, counts);
    this.#tokens = limiterOf('token', perToken);
    this.#addresses = limiterOf('address', perAddress);
  }

  /** Counts one request of an address; null if it may pass. Never throws. */
  async ofAddress(req: IncomingMessage): Promise<RateLimitedError | null> {
    if (this.#addresses === undefined) return null;
    const address = clientAddressOf(req, this.#proxyHops);
    // Who has gone already has no address any more, and may have sent all the same.
    return count(this.#addresses, address ?? 'gone');
  }

  /** Counts one request of a subject, or of a token that names none; null if it may pass. Never throws. */
  async ofToken(
    auth: Auth,
    { headers }: Pick<IncomingMessage, 'headers'>,
  ): Promise<RateLimitedError | null> {
    if (this.#tokens === undefined || auth.kind !== 'token') return null;
    const { subject } = auth;
    const who = subject === null ? `token ${signedText(headers)}` : `subject ${subject}`;
    // Of a bounded length, and no name or token in Redis.
    return count(this.#tokens, hash('sha256', who, 'base64url'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#counts[Symbol.asyncDispose]();
  }
}

/** Of a token, what its signature is for: scheme, spaces and the signature itself can be written in many ways. */
function signedText({ authorization = '' }: IncomingMessage['headers']): string {
  return authorization.slice(authorization.lastIndexOf(' ') + 1, authorization.lastIndexOf('.'));
}

/** Undefined where no limit is configured: then nothing is counted. */
export function openRateLimits(
  {
    rates,
    redis,
    cache,
  }: Pick<Config, 'rates' | 'redis'> & {
    readonly cache: Pick<Config['cache'], 'namespace'>;
  },
  logger: Pick<Logger, 'info' | 'warn'>,
): RateLimits | undefined {
  if (rates.perToken === undefined && rates.perAddress === undefined) return undefined;
  // On a cluster, one node counts.
  const prefix = `${cache.namespace}:{rate}`;
  const clientName = 'throughline-rates';
  return new RateLimits({
    ...rates,
    prefix,
    counts: told(new RedisEvaluator({ ...redis, prefix, clientName }), logger),
  });
}

/** Says when Redis refuses to count, such as for want of a right, and when it counts again. That it is away, the cache tells. */
function told(counts: RedisEvaluator, logger: Pick<Logger, 'info' | 'warn'>): RateCounts {
  let isCounting = true;
  return {
    get isReady() {
      return counts.isReady;
    },
    async eval(...parameters) {
      try {
        const reply = await counts.eval(...parameters);
        if (!isCounting) logger.info('rates are counted by all processes together');
        isCounting = true;
        return reply;
      } catch (err) {
        if (isCounting) {
          const problem = err instanceof Error ? err.message : String(err);
          logger.warn({ problem }, 'rates are counted by each process for itself');
        }
        isCounting = false;
        throw err;
      }
    },
    [Symbol.asyncDispose]: async () => counts[Symbol.asyncDispose](),
  };
}

function newLimiter(rate: number, keyPrefix: string, counts: RateCounts): RateLimiterRedis {
  const bounds = { points: rate * limits.burstSeconds, duration: limits.burstSeconds, keyPrefix };
  return new RateLimiterRedis({
    ...bounds,
    storeClient: counts,
    useRedisPackage: true,
    rejectIfRedisNotReady: true,
    // Who is over the limit asks Redis no more until that has passed.
    inMemoryBlockOnConsumed: bounds.points + 1,
    insuranceLimiter: new RateLimiterMemory(bounds),
  });
}

async function count(limiter: RateLimiterRedis, key: string): Promise<RateLimitedError | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) return null;
    return new RateLimitedError(Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000)));
  }
}
