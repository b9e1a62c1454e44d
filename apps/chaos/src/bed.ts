import { PostgresServer, RedisServer } from '@throughline/local-stack';
import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import { createClient } from 'redis';
import { AuditTrail } from './audit-trail.ts';
import { FaultProxy } from './fault-proxy.ts';
import type { Random } from './random.ts';
import { ServerProcess } from './server-process.ts';
import { ServiceClient } from './service-client.ts';

export type OnFailure = 'reject' | 'degrade';

export interface BedOptions {
  readonly random: Random;
  readonly onFailure: OnFailure;
  readonly servers: number;
}

/** A service process with its own ways to the stores. */
export interface Member {
  readonly name: string;
  readonly process: ServerProcess;
  readonly toRedis: FaultProxy;
  readonly toPostgres: FaultProxy;
}

const namespace = 'chaos';
const scope = 'catalog:read catalog:write cache:admin';

/** PostgreSQL, Redis, and service processes that reach them only through proxies. */
export class Bed implements AsyncDisposable {
  readonly members: readonly Member[];
  readonly client: ServiceClient;
  readonly trail: AuditTrail;
  readonly #opened: AsyncDisposableStack;
  #redis: RedisServer;

  private constructor(parts: {
    members: readonly Member[];
    client: ServiceClient;
    trail: AuditTrail;
    redis: RedisServer;
    opened: AsyncDisposableStack;
  }) {
    this.members = parts.members;
    this.client = parts.client;
    this.trail = parts.trail;
    this.#redis = parts.redis;
    this.#opened = parts.opened;
  }

  static async open({ random, onFailure, servers }: BedOptions): Promise<Bed> {
    await using opening = new AsyncDisposableStack();
    const postgres = opening.use(await PostgresServer.start());
    const redis = await RedisServer.start();
    const secret = randomBytes(32).toString('hex');
    const members: Member[] = [];
    for (let index = 0; index < servers; index += 1) {
      const toRedis = opening.use(await FaultProxy.open(redis.port, random.fork()));
      const toPostgres = opening.use(await FaultProxy.open(postgres.port, random.fork()));
      const process = new ServerProcess({
        DATABASE_URL: through(postgres.url, toPostgres.port),
        DATABASE_POOL_MAX: '10',
        REDIS_URL: through(redis.url, toRedis.port),
        CACHE_NAMESPACE: namespace,
        CACHE_ON_FAILURE: onFailure,
        AUTH_JWT_SECRET: secret,
        LOG_LEVEL: 'info',
      });
      members.push({
        name: `server ${index + 1}`,
        process: opening.use(process),
        toRedis,
        toPostgres,
      });
    }
    await Promise.all(members.map(async ({ process }) => process.start()));
    const trail = opening.use(await AuditTrail.open(postgres.url));
    const client = new ServiceClient(await tokenOf(secret));
    opening.defer(() => client.close());
    return new Bed({ members, client, trail, redis, opened: opening.move() });
  }

  /** The Redis that the service should use now. */
  get redis(): RedisServer {
    return this.#redis;
  }

  /** Makes another Redis the one of the service, without telling the servers. */
  adopt(redis: RedisServer): void {
    this.#redis = redis;
  }

  /** Runs commands at that Redis as its administrator. */
  async atRedis<Result>(
    run: (client: Awaited<ReturnType<typeof adminOf>>) => Promise<Result>,
    redis = this.#redis,
  ): Promise<Result> {
    const client = await adminOf(redis.url);
    try {
      return await run(client);
    } finally {
      client.destroy();
    }
  }

  /** Everything runs and reaches everything again. */
  async heal(): Promise<void> {
    await this.#redis.resume().catch(() => undefined);
    for (const { process, toRedis, toPostgres } of this.members) {
      process.resume();
      toRedis.heal();
      toPostgres.heal();
    }
    await Promise.all(
      this.members.map(async ({ process }) => {
        if (!process.isRunning) await process.start();
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
    await this.#redis[Symbol.asyncDispose]();
  }
}

async function adminOf(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2_000 } });
  client.on('error', () => undefined);
  return client.connect();
}

function through(url: string, port: number): string {
  const proxied = new URL(url);
  proxied.port = String(port);
  return proxied.href;
}

async function tokenOf(secret: string): Promise<string> {
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('chaos')
    .setExpirationTime('1 day')
    .sign(new TextEncoder().encode(secret));
}
