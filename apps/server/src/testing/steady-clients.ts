import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What clients got: how many answers there were of each status, and every error of a request. */
export interface Tally {
  readonly statuses: ReadonlyMap<number, number>;
  readonly errors: readonly string[];
  /** Answers so far. */
  readonly answered: number;
}

export interface SteadyClients extends AsyncDisposable {
  readonly tally: Tally;
  /** Resolves when so many more requests were answered or failed. */
  more(count: number): Promise<void>;
  /** Ends the load when every request has ended. */
  stop(): Promise<Tally>;
}

/** Without it they take the cores that processes need to start. Their connections stay idle so long and no longer. */
const pauseMs = 5;

/**
 * So many clients, each of which keeps its connection, or opens one for each request, and asks again soon after it was
 * answered, and never twice.
 */
export function steadyClients(
  clients: number,
  urlOf: (turn: number) => string,
  keepAlive = true,
): SteadyClients {
  const agent = new Agent({ keepAlive, maxSockets: clients });
  const statuses = new Map<number, number>();
  const errors: string[] = [];
  const waiting: { left: number; resolve: () => void }[] = [];
  let answered = 0;
  const stopping = new AbortController();
  const client = async (index: number) => {
    for (let turn = index; !stopping.signal.aborted; turn += clients) {
      try {
        const status = await ask(agent, urlOf(turn));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      } catch (err) {
        errors.push(String(err));
      }
      answered += 1;
      for (const waiter of waiting) if ((waiter.left -= 1) === 0) waiter.resolve();
      await delay(pauseMs);
    }
  };
  const load = Promise.all(Array.from({ length: clients }, async (_, index) => client(index)));
  const tally: Tally = {
    statuses,
    errors,
    get answered() {
      return answered;
    },
  };
  const stop = async () => {
    stopping.abort();
    await load;
    agent.destroy();
    return tally;
  };
  return {
    tally,
    stop,
    more: async (count) => new Promise((resolve) => waiting.push({ left: count, resolve })),
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

async function ask(agent: Agent, url: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  request(url, { agent })
    .on('error', reject)
    .on('response', (response) => {
      response.on('error', reject).resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    })
    .end();
  return promise;
}
