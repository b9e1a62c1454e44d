import { Pool } from 'undici';
import type { Call } from '../workloads/calls.ts';

export interface Asked {
  /** Of the answer; another is told at the end, but for a refusal of which the service says that the call may be sent again. 200 unless said. */
  readonly expects?: number;
  readonly token?: string;
  readonly key?: string;
  /** The connection is closed after the answer. */
  readonly closes?: boolean;
  /** The caller goes away after so long, wherever the call is. */
  readonly leavesAfterMs?: number;
}

/** Sends calls as clients of all kinds do, and counts how they were answered. */
export class Visitors implements AsyncDisposable {
  /** Calls, of which one request may hold several. */
  calls = 0;
  requests = 0;
  /** Requests by status, those too whose callers went away. */
  readonly ends = new Map<string, number>();
  /** Calls that were refused for the moment, with nothing changed: of a machine that is busy. */
  refused = 0;
  /** What should not have been answered so, in words. */
  readonly unexpected: string[] = [];
  readonly #pool: Pool;
  readonly #path: string;
  readonly #token: string;

  constructor(trpcUrl: string, token: string, connections: number) {
    const { origin, pathname } = new URL(trpcUrl);
    this.#pool = new Pool(origin, { connections });
    this.#path = pathname;
    this.#token = token;
  }

  /** The text of the answer; undefined where there was none, or another than expected. */
  async ask(call: Call, asked: Asked = {}): Promise<string | undefined> {
    const { expects = 200, leavesAfterMs } = asked;
    this.requests += 1;
    this.calls += (call.path.split('?', 1)[0] ?? '').split(',').length;
    const leaving = new AbortController();
    const timer =
      leavesAfterMs === undefined ? undefined : setTimeout(() => leaving.abort(), leavesAfterMs);
    try {
      const { status, text } = await this.#send(call, asked, leaving.signal);
      this.#count(String(status));
      if (status === expects) return text;
      if (status === 503 && text.includes('"retryable":true')) this.refused += 1;
      else this.#tell(`${call.path}: ${status} ${text}`);
    } catch (err) {
      this.#count(leaving.signal.aborted ? 'left' : 'no answer');
      if (!leaving.signal.aborted) this.#tell(`${call.path}: ${String(err)}`);
    } finally {
      clearTimeout(timer);
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close();
  }

  async #send({ path, body: sent }: Call, asked: Asked, signal: AbortSignal) {
    const { token = this.#token, key, closes = false } = asked;
    const { statusCode, body } = await this.#pool.request({
      path: `${this.#path}/${path}`,
      method: sent === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      reset: closes,
      signal,
      ...(sent !== undefined && { body: sent }),
    });
    return { status: statusCode, text: await body.text() };
  }

  #count(end: string): void {
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
  }

  #tell(what: string): void {
    if (this.unexpected.length < 100) this.unexpected.push(what.slice(0, 400));
  }
}
