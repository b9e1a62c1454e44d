import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeMachine, type Machine } from '../machine.ts';
import { startProgram } from '../program.ts';
import { openStores } from '../stores.ts';
import { Follower } from './follower.ts';
import { courseOf, type Course, judge, type Judgement } from './judgement.ts';
import { mixedTurns } from './mixed-calls.ts';
import { quantities, type QuantityName, quantityNames, type Sample } from './quantities.ts';
import { Sampler } from './sampler.ts';
import { Visitors } from './visitor.ts';

export interface SoakOptions {
  readonly products: number;
  /** It ends after so many calls, but goes on for the least time. */
  readonly calls: number;
  readonly secondsMin: number;
  /** It ends after so long, however many calls there were. */
  readonly secondsMax: number;
  readonly connections: number;
  readonly sampleMs: number;
  /** How often the service collects its garbage. */
  readonly collectMs: number;
  readonly say: (message: string) => void;
}

export interface SoakResult {
  readonly calls: number;
  readonly requests: number;
  readonly seconds: number;
  readonly ends: ReadonlyMap<string, number>;
  /** Requests that were refused for the moment. */
  readonly refused: number;
  /** Changes that the followers were told, of all of them together. */
  readonly changesTold: number;
  readonly unexpected: readonly string[];
  readonly samples: readonly Sample[];
  readonly judged: Readonly<Record<QuantityName, Judgement & { readonly course: Course }>>;
  readonly machine: Machine;
}

/** Lives so short that every entry dies many times in a run. */
const lives = {
  CACHE_TTL_PRODUCT_MS: '30000',
  CACHE_TTL_PRICE_MS: '5000',
  CACHE_TTL_LIST_MS: '20000',
};
const sayEverySamples = 20;
/** They follow every change from before the first call to after the last. */
const followerCount = 3;
/** Beyond the tenth of a second in which changes are told, a machine that is busy. */
const lastChangeMs = 10_000;
const collector = new URL('../servers/collect-garbage.ts', import.meta.url).href;
const service = path.resolve(import.meta.dirname, '../../../apps/server/src/main.ts');

/** One service process under calls of all kinds, as fast as it answers them, watched from outside. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { products, calls, secondsMin, secondsMax, connections, sampleMs, collectMs, say } =
    options;
  await using opened = new AsyncDisposableStack();
  const stores = opened.use(await openStores({ products, categories: 'even' }, 'same'));
  const machine = await describeMachine(stores);
  const secret = randomBytes(32).toString('hex');
  const environment = {
    DATABASE_URL: stores.databaseUrl,
    REDIS_URL: stores.redisUrl,
    AUTH_JWT_SECRET: secret,
    LOG_LEVEL: 'info',
    ...lives,
  };
  const nodeOptions = ['--import', `${collector}?everyMs=${collectMs}`];
  const program = opened.use(await startProgram({ file: service, environment, nodeOptions }));
  const sampler = opened.use(await Sampler.open(program, stores));
  const token = await tokenOf(secret);
  const visitors = opened.use(new Visitors(program.trpcUrl, token, connections));
  const followers = Array.from({ length: followerCount }, () =>
    opened.use(new Follower(program.trpcUrl, token)),
  );
  const turn = mixedTurns(products);
  const startMs = performance.now();
  const atSeconds = () => (performance.now() - startMs) / 1000;
  const isOver = () =>
    atSeconds() >= secondsMax || (visitors.calls >= calls && atSeconds() >= secondsMin);
  const visit = async () => {
    while (!isOver()) await turn(visitors);
  };
  const samples: Sample[] = [];
  const watch = async () => {
    while (!isOver()) {
      await delay(sampleMs);
      const sample = await sampler.sample(visitors.calls, atSeconds());
      samples.push(sample);
      await sampler.age(1 + (samples.length % products));
      if (samples.length % sayEverySamples === 0) say(described(sample));
    }
  };
  await Promise.all([watch(), ...Array.from({ length: connections }, visit)]);
  const last = await sampler.lastChange();
  await Promise.all(followers.map(async (follower) => follower.until(last, lastChangeMs)));
  const { calls: made, requests, ends, refused, unexpected } = visitors;
  return {
    calls: made,
    requests,
    seconds: atSeconds(),
    ends,
    refused,
    changesTold: followers.reduce((sum, { changes }) => sum + changes, 0),
    unexpected: [...unexpected, ...followers.flatMap((follower) => follower.unexpected)],
    samples,
    judged: judgedOf(samples),
    machine,
  };
}

function judgedOf(samples: readonly Sample[]): SoakResult['judged'] {
  const one = (name: QuantityName) => {
    const { take, growthMax } = quantities[name];
    const series = samples.map(({ calls, values }) => ({ calls, value: values[name] }));
    const course = courseOf(series, take);
    return { ...judge(course, growthMax), course };
  };
  return {
    heap: one('heap'),
    external: one('external'),
    resident: one('resident'),
    descriptors: one('descriptors'),
    handles: one('handles'),
    delay: one('delay'),
    redisMemory: one('redisMemory'),
    redisClients: one('redisClients'),
    backends: one('backends'),
    catalogue: one('catalogue'),
    outbox: one('outbox'),
    overdueKeys: one('overdueKeys'),
    unnumberedChanges: one('unnumberedChanges'),
    overdueChanges: one('overdueChanges'),
    followers: one('followers'),
  };
}

/** One in a thousand: on a machine that is busy a write may wait for too long now and then. */
const refusedRatioMax = 0.001;

/** Why the run does not hold, in words; empty if it does. */
export function faultsOf({ judged, refused, requests, unexpected }: SoakResult): readonly string[] {
  const grown = quantityNames.filter((name) => judged[name].verdict === 'grows');
  return [
    ...grown.map((name) => `${quantities[name].name} grows`),
    ...(refused > requests * refusedRatioMax ? [`${refused} requests were refused`] : []),
    ...unexpected,
  ];
}

function described({ calls, atSeconds, values }: Sample): string {
  const { heap, resident, descriptors } = values;
  return `${atSeconds.toFixed(0)} s, ${calls.toLocaleString('en-US')} calls: heap ${heap.toFixed(0)} MB, resident ${resident.toFixed(0)} MB, ${descriptors} descriptors`;
}

async function tokenOf(secret: string): Promise<string> {
  return new SignJWT({ scope: 'catalog:read catalog:write' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('soak')
    .setExpirationTime('1 day')
    .sign(new TextEncoder().encode(secret));
}
