import { Agent, request } from 'node:http';
import { z } from 'zod';

/** How a call ended. `unknown`: a mutation may or may not have been committed. */
export type Answer = {
  /** The header `x-cache`, if there was an answer. */
  readonly cache: string;
} & (
  | { readonly outcome: 'answered'; readonly value: unknown }
  | {
      readonly outcome: 'refused' | 'unknown';
      readonly code: string;
      /** Whether the service says that the call may be sent again. */
      readonly isRetryable: boolean;
    }
);

/** Longer than any limit of the service, shorter than a run. */
const answerMs = 12_000;
/** A reader has other servers to ask. */
const queryAnswerMs = 3_000;

const errorSchema = z.object({
  error: z.object({
    data: z.object({
      code: z.string(),
      serviceCode: z.string(),
      retryable: z.boolean().optional(),
    }),
  }),
});
const resultSchema = z.object({ result: z.object({ data: z.unknown() }) });

/** Calls procedures over plain HTTP, with little work for a call. */
export class ServiceClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async query(url: string, path: string, input?: unknown): Promise<Answer> {
    const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    return this.#call(`${url}/${path}${search}`);
  }

  async mutate(
    url: string,
    path: string,
    { input }: { readonly input?: unknown },
  ): Promise<Answer> {
    return this.#call(`${url}/${path}`, JSON.stringify(input) ?? '');
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(url: string, body?: string): Promise<Answer> {
    const isMutation = body !== undefined;
    try {
      const { status, text, cache } = await this.#send(url, body);
      const json: unknown = JSON.parse(text);
      if (status === 200) {
        return { outcome: 'answered', value: resultSchema.parse(json).result.data, cache };
      }
      const { code, serviceCode, retryable } = errorSchema.parse(json).error.data;
      const isRetryable = retryable === true;
      const isOpen = !isRetryable && (status >= 500 || code === 'TIMEOUT');
      const outcome = isMutation && isOpen ? 'unknown' : 'refused';
      return { outcome, code: serviceCode, isRetryable, cache };
    } catch (err) {
      // Nothing was answered, or no JSON: the server died, or stands still.
      const code = err instanceof Error && 'code' in err ? String(err.code) : 'NO_ANSWER';
      const outcome = isMutation ? 'unknown' : 'refused';
      return { outcome, code, isRetryable: true, cache: 'none' };
    }
  }

  async #send(url: string, body: string | undefined): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const sent = request(url, {
      agent: this.#agent,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      timeout: body === undefined ? queryAnswerMs : answerMs,
    });
    sent.on('timeout', () => sent.destroy(new Error('No answer came in time.')));
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          cache: String(response.headers['x-cache'] ?? 'none'),
        });
      });
    });
    sent.end(body);
    return promise;
  }
}

interface Response {
  readonly status: number;
  readonly text: string;
  /** The header `x-cache`. */
  readonly cache: string;
}
