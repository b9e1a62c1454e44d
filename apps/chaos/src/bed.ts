import { PostgresServer } from '@throughline/local-stack';
import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import { AuditTrail } from './audit-trail.ts';
import { Balancer } from './balancer.ts';
import { FaultProxy } from './fault-proxy.ts';
import type { Random } from './random.ts';
import { ServerProcess } from './server-process.ts';
import { ServiceClient } from './service-client.ts';
import type { Setting, Store } from './store.ts';

export type OnFailure = 'reject' | 'degrade';

export interface BedOptions<S extends Store> {
  readonly random: Random;
  readonly onFailure: OnFailure;
  readonly servers: number;
  readonly setting: Setting<S>;
  /** Without it, clients choose a process for each call. */
  readonly balanced?: Balanced | undefined;
}

/** A balancer stands before the processes. */
export interface Balanced {
  /** How often it looks who is ready. */
  readonly pollMs: number;
  /** How long a process that is to stop goes on serving. */
  readonly noticeMs: number;
}

/** Where a call is sent. */
export interface Door {
  readonly name: string;
  readonly url: string;
}

/** A service process with its own way to PostgreSQL. */
export interface Member {
  readonly index: number;
  readonly name: string;
  readonly process: ServerProcess;
  readonly toPostgres: FaultProxy;
}

/** In every key of the service. */
export const namespace = 'chaos';

const scope = 'catalog:read catalog:write cache:admin';

interface Parts<S extends Store> {
  readonly members: readonly Member[];
  readonly client: ServiceClient;
  readonly trail: AuditTrail;
  readonly postgres: PostgresServer;
  readonly store: S;
  readonly balancer: Balancer | undefined;
  readonly opened: AsyncDisposableStack;
}

/** PostgreSQL, Redis, and service processes that reach them. */
export class Bed<S extends Store = Store> implements AsyncDisposable {
  readonly members: readonly Member[];
  readonly client: ServiceClient;
  readonly trail: AuditTrail;
  readonly postgres: PostgresServer;
  readonly store: S;
  readonly balancer: Balancer | undefined;
  readonly #opened: AsyncDisposableStack;

  private constructor(parts: Parts<S>) {
    this.members = parts.members;
    this.client = parts.client;
    this.trail = parts.trail;
    this.postgres = parts.postgres;
    this.store = parts.store;
    this.balancer = parts.balancer;
    this.#opened = parts.opened;
  }

  static async open<S extends Store>(options: BedOptions<S>): Promise<Bed<S>> {
    const { random, onFailure, servers, setting, balanced } = options;
    await using opening = new AsyncDisposableStack();
    // The trail tells when each version was committed.
    const committing = ['-c', 'track_commit_timestamp=on'];
    const postgres = opening.use(await PostgresServer.start({ arguments: committing }));
    const store = opening.use(await setting.open({ random: random.fork(), servers }));
    const secret = randomBytes(32).toString('hex');
    const members: Member[] = [];
    for (let index = 0; index < servers; index += 1) {
      const toPostgres = opening.use(await FaultProxy.open(postgres.port, random.fork()));
      const process = new ServerProcess({
        DATABASE_URL: through(postgres.url, toPostgres.port),
        DATABASE_POOL_MAX: '10',
        ...store.environment(index),
        CACHE_NAMESPACE: namespace,
        CACHE_ON_FAILURE: onFailure,
        AUTH_JWT_SECRET: secret,
        LOG_LEVEL: 'info',
        ...(balanced && { SHUTDOWN_NOTICE_MS: `${balanced.noticeMs}` }),
      });
      members.push({
        index,
        name: `server ${index + 1}`,
        process: opening.use(process),
        toPostgres,
      });
    }
    await Promise.all(members.map(async ({ process }) => process.start()));
    const trail = await AuditTrail.open(postgres.url);
    const client = new ServiceClient(await tokenOf(secret));
    opening.defer(() => client.close());
    const processes = members.map(({ process }) => process);
    const balancer = balanced && opening.use(await Balancer.open(processes, balanced.pollMs));
    return new Bed({ members, client, trail, postgres, store, balancer, opened: opening.move() });
  }

  /** For one call: the balancer, or any process. */
  door(random: Random): Door {
    if (this.balancer) return { name: 'the balancer', url: this.balancer.url };
    const { name, process } = random.pick(this.members);
    return { name, url: process.url };
  }

  /** Everything runs and reaches everything again. */
  async heal(): Promise<void> {
    for (const { process, toPostgres } of this.members) {
      process.resume();
      toPostgres.heal();
    }
    await this.store.heal();
    await Promise.all(this.members.map(async ({ process }) => process.ensureRunning()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
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
