import { PostgresServer, RedisServer } from '@throughline/local-stack';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { brokenRows, createCatalogue, hints, untouchedIds, untouchedState } from './catalogue.ts';
import { callRequests } from './call-requests.ts';
import { leavingCrowds } from './crowds.ts';
import { answerMsMax } from './exchange.ts';
import { fuzz, type FuzzResult } from './fuzz.ts';
import { goingOn } from './going-on.ts';
import { growth, type Holding, holdingOf } from './growth.ts';
import { HeldConnections } from './held-connections.ts';
import { procedures } from './procedures.ts';
import { rawRequests } from './raw-requests.ts';
import { strangeNames } from './redis-names.ts';
import { ServiceProcess } from './service-process.ts';
import type { Target } from './target.ts';
import { tokensOf } from './tokens.ts';

export interface RunOptions {
  readonly seed: number;
  readonly inputs: number;
  /** Connections on which a request begins and never ends; the run waits until the last of them is closed. */
  readonly held: number;
  readonly path?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RunResult extends FuzzResult {
  /** What was wrong at the end, of which nobody can say which input brought it about. */
  readonly aftermath: readonly string[];
  readonly holdings: readonly Holding[];
  readonly held: number;
  readonly tookMs: number;
}

const namespace = 'throughline-fuzzed';

/** A service on stores of its own, and everything that is sent to it. */
export async function run({ seed, inputs, held, path, signal }: RunOptions): Promise<RunResult> {
  await using opened = new AsyncDisposableStack();
  const postgres = opened.use(await PostgresServer.start());
  const redis = opened.use(await RedisServer.start());
  const secret = randomBytes(32).toString('hex');
  const service = opened.use(
    new ServiceProcess({
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      CACHE_NAMESPACE: namespace,
      AUTH_JWT_SECRET: secret,
      AUTH_PUBLIC_READS: 'false',
      NODE_ENV: 'production',
    }),
  );
  await service.start();
  await createCatalogue(postgres.url);
  const target: Target = {
    // Others after each start.
    get ports() {
      return service.ports;
    },
    tokens: await tokensOf(secret),
    secrets: [secret, `${namespace}:`, postgres.url, redis.url],
    complaint: () => service.complaint(),
    ensureRunning: async () => service.ensureRunning(),
  };
  const before = {
    state: await untouchedState(postgres.url),
    answer: await untouchedAnswer(target),
    pid: service.pid,
  };
  const connections = opened.use(await HeldConnections.open(target, seed, held));
  const holdings: Holding[] = [];
  const onPart = async () => {
    // What an input has ended may end a moment after its answer; the complaint stays.
    await service.ensureRunning();
    holdings.push(await holdingOf(service.ports.operations));
  };
  const exchanges = fc.oneof(
    { weight: 24, arbitrary: callRequests({ procedures, hints }) },
    { weight: 8, arbitrary: rawRequests() },
    { weight: 2, arbitrary: leavingCrowds },
  );
  const beganMs = performance.now();
  const fuzzed = await fuzz({ target, exchanges, seed, inputs, path, signal, onPart });
  const tookMs = performance.now() - beganMs;
  const left = await connections.leftOpen();
  const broken = await brokenRows(postgres.url);
  const strange = await strangeNames(redis.url, namespace);
  const aftermath = [
    left > 0 && `${left} unfinished requests hold their connections`,
    service.pid !== before.pid && 'the process is another one',
    (await untouchedState(postgres.url)) !== before.state &&
      'rows that no input names, or the schema, have changed',
    (await untouchedAnswer(target)) !== before.answer &&
      'products that no input names are answered otherwise',
    broken.length > 0 &&
      `these products are stored and should have been refused: ${broken.slice(0, 5).join(', ')}`,
    strange.length > 0 &&
      `there are names in Redis that are none of ours: ${JSON.stringify(strange.slice(0, 5))}`,
    (await goingOn(service.ports.operations)) ?? false,
    growth(holdings) ?? false,
    service.complaint() ?? false,
  ].filter((each) => typeof each === 'string');
  return { ...fuzzed, aftermath, holdings, held: connections.count, tookMs };
}

/** The products that no input names, as clients get them. */
async function untouchedAnswer({ ports, tokens }: Target): Promise<string> {
  const input = encodeURIComponent(JSON.stringify({ ids: untouchedIds }));
  const answer = await fetch(
    `http://127.0.0.1:${ports.service}/trpc/product.byIds?input=${input}`,
    {
      headers: { authorization: `Bearer ${tokens.get('read')}` },
      signal: AbortSignal.timeout(answerMsMax),
    },
  );
  if (answer.status !== 200)
    throw new Error(`The untouched products are answered with ${answer.status}.`);
  return answer.text();
}
