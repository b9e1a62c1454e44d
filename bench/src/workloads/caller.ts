import { Pool } from 'undici';
import type { Call } from './calls.ts';

export interface CallerOptions {
  readonly trpcUrl: string;
  readonly token: string;
  /** Which calls carry the token; `writes`, the default, as reads of all variants are open to everybody. */
  readonly signed?: 'writes' | 'all';
  readonly connections: number;
}

/** A client of one variant, on connections that stay open. */
export class Caller implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Readonly<Record<'GET' | 'POST', Readonly<Record<string, string>>>>;

  constructor({ trpcUrl, token, signed = 'writes', connections }: CallerOptions) {
    const { origin, pathname } = new URL(trpcUrl);
    this.#pool = new Pool(origin, { connections });
    this.#path = pathname;
    const authorization = { authorization: `Bearer ${token}` };
    this.#headers = {
      GET: signed === 'all' ? authorization : {},
      POST: { ...authorization, 'content-type': 'application/json' },
    };
  }

  /** The text of the answer. Throws, with its text, for one that is not 200. */
  async ask({ path, body: sent }: Call): Promise<string> {
    const method = sent === undefined ? 'GET' : 'POST';
    const { statusCode, body } = await this.#pool.request({
      path: `${this.#path}/${path}`,
      method,
      headers: this.#headers[method],
      ...(sent !== undefined && { body: sent }),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}: ${text}`);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close();
  }
}
