import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that may get requests; where it is changes when it is replaced. */
export interface Backend {
  readonly url: string;
  readonly readyUrl: string;
}

/** Of one hop, and not of the message. */
const hopHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding']);
const pollAnswerMs = 1_000;

/**
 * Spreads requests over the processes that say that they are ready, as the balancer of an orchestrator does: it looks now and
 * then, keeps its connections, hangs up where it is told to, and sends nothing twice.
 */
export class Balancer implements AsyncDisposable {
  /** Why requests could not be passed on. */
  readonly failures: string[] = [];
  readonly #server = createServer((req, res) => this.#pass(req, res));
  readonly #agent = new Agent({ keepAlive: true });
  readonly #ready = new Set<Backend>();
  readonly #ending = new AbortController();
  #polls: Promise<unknown> = Promise.resolve();
  #turn = 0;

  /** Resolves when it has looked at all of them once. */
  static async open(backends: readonly Backend[], pollMs: number): Promise<Balancer> {
    const balancer = new Balancer();
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    await Promise.all(backends.map(async (backend) => balancer.look(backend)));
    balancer.#polls = Promise.all(backends.map(async (each) => balancer.#poll(each, pollMs)));
    return balancer;
  }

  get url(): string {
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('The balancer has no port.');
    return `http://127.0.0.1:${bound.port}/trpc`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#polls;
    this.#server.closeAllConnections();
    this.#server.close();
    this.#agent.destroy();
  }

  async #poll(backend: Backend, pollMs: number): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await delay(pollMs, undefined, { signal }).catch(() => undefined);
      await this.look(backend);
    }
  }

  /** Whether it is ready; from now on it gets requests only if it is. */
  async look(backend: Backend): Promise<boolean> {
    const signal = AbortSignal.timeout(pollAnswerMs);
    const { ok } = await fetch(backend.readyUrl, { signal }).catch(() => ({ ok: false }));
    if (ok) this.#ready.add(backend);
    else this.#ready.delete(backend);
    return ok;
  }

  #pass(req: IncomingMessage, res: ServerResponse): void {
    const ready = [...this.#ready];
    this.#turn += 1;
    const backend = ready[this.#turn % ready.length];
    if (backend === undefined) return this.#fail(res, 'No process is ready.');
    const { method, headers } = req;
    const sent = request(new URL(req.url ?? '', backend.url), {
      agent: this.#agent,
      method,
      headers: throughHop(headers),
    });
    sent.on('error', (err) => this.#fail(res, `${method} ${backend.url}: ${err.message}`));
    sent.on('response', (answer) => {
      res.writeHead(answer.statusCode ?? 502, throughHop(answer.headers));
      answer.on('error', () => res.destroy()).pipe(res);
    });
    req.pipe(sent);
  }

  #fail(res: ServerResponse, why: string): void {
    this.failures.push(why);
    if (res.headersSent) res.destroy();
    else res.writeHead(502).end(why);
  }
}

function throughHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopHeaders.has(name)));
}
