import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RealService } from './real-service.ts';

/** One answered call: when it was sent, how long it took, and how it ended. */
export interface Call {
  readonly kind: string;
  readonly sentMs: number;
  readonly tookMs: number;
  /** `ok`, or the service code of the refusal. */
  readonly end: string;
  /** How long the service waited for Redis, by its own word. */
  readonly cacheMs: number;
}

/** A call to be made: a query with its input in the URL, or a mutation with a body. */
export interface Ask {
  readonly kind: string;
  readonly procedure: string;
  readonly input: unknown;
}

export interface Hammer extends AsyncDisposable {
  readonly calls: readonly Call[];
  /** Ends the load when every call has been answered. */
  stop(): Promise<readonly Call[]>;
}

/** A caller that was refused asks again after so long, as a decent client does. */
const afterRefusalMs = 250;

/** So many callers at once, each of which asks again as soon as it was answered. */
export function hammer(service: RealService, callers: number, next: (turn: number) => Ask): Hammer {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const calls: Call[] = [];
  const ending = new AbortController();
  const call = async (index: number) => {
    for (let turn = index; !ending.signal.aborted; turn += callers) {
      const ask = next(turn);
      const sentMs = performance.now();
      const answer = await send(service, agent, ask);
      calls.push({ kind: ask.kind, sentMs, tookMs: performance.now() - sentMs, ...answer });
      if (answer.end !== 'ok') await delay(afterRefusalMs, undefined, { ref: false });
    }
  };
  const load = Promise.all(Array.from({ length: callers }, async (_, index) => call(index)));
  const stop = async () => {
    ending.abort();
    await load;
    agent.destroy();
    return calls;
  };
  return { calls, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

/** The time that so large a share of the calls took at most. */
export function quantileMs(
  calls: readonly Call[],
  share: number,
  time: 'tookMs' | 'cacheMs' = 'tookMs',
): number {
  const sorted = calls.map((call) => call[time]).toSorted((one, other) => one - other);
  return Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
}

type Answer = Pick<Call, 'end' | 'cacheMs'>;

async function send({ url, token }: RealService, agent: Agent, ask: Ask): Promise<Answer> {
  const input = JSON.stringify(ask.input);
  const isWrite = ask.kind === 'write';
  const place = `${url}/${ask.procedure}${isWrite ? '' : `?input=${encodeURIComponent(input)}`}`;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request(place, {
    agent,
    method: isWrite ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  outgoing.on('error', reject).on('response', (response) => {
    const parts: Buffer[] = [];
    response.on('error', reject).on('data', (part: Buffer) => parts.push(part));
    response.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const timing = String(response.headers['server-timing'] ?? '');
      resolve({
        end: response.statusCode === 200 ? 'ok' : serviceCodeOf(body),
        cacheMs: Number(/cache;dur=([\d.]+)/.exec(timing)?.[1] ?? 0),
      });
    });
  });
  outgoing.end(isWrite ? input : undefined);
  return promise;
}

function serviceCodeOf(body: string): string {
  return /"serviceCode":"(\w+)"/.exec(body)?.[1] ?? body.slice(0, 200);
}
