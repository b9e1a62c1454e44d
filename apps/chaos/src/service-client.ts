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

  /** With a key, the service makes the call once however often it is sent. */
  async mutate(
    url: string,
    path: string,
    { input, key }: { readonly input?: unknown; readonly key?: string | undefined },
  ): Promise<Answer> {
    return this.#call(`${url}/${path}`, { body: JSON.stringify(input) ?? '', key });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(url: string, mutation?: Mutation): Promise<Answer> {
    const isMutation = mutation !== undefined;
    try {
      const { status, text, cache } = await this.#send(url, mutation);
      const json: unknown = JSON.parse(text);
      if (status === 200) {
        return { outcome: 'answered', value: resultSchema.parse(json).result.data, cache };
      }
      const { code, serviceCode, retryable } = errorSchema.parse(json).error.data;
      const isRetryable = retryable === true;
      // With a key, also what may have been made may be sent again.
      const isOpen =
        serviceCode === 'COMMIT_OUTCOME_UNKNOWN' ||
        (!isRetryable && (status >= 500 || code === 'TIMEOUT'));
      const outcome = isMutation && isOpen ? 'unknown' : 'refused';
      return { outcome, code: serviceCode, isRetryable, cache };
    } catch (err) {
      // Nothing was answered, or no JSON: the server died, or stands still.
      const code = err instanceof Error && 'code' in err ? String(err.code) : 'NO_ANSWER';
      const outcome = isMutation ? 'unknown' : 'refused';
      return { outcome, code, isRetryable: true, cache: 'none' };
    }
  }

  async #send(url: string, mutation: Mutation | undefined): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const sent = request(url, {
      agent: this.#agent,
      method: mutation === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(mutation === undefined ? {} : { 'content-type': 'application/json' }),
        ...(mutation?.key === undefined ? {} : { 'idempotency-key': mutation.key }),
      },
      timeout: mutation === undefined ? queryAnswerMs : answerMs,
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
    sent.end(mutation?.body);
    return promise;
  }
}

interface Mutation {
  readonly body: string;
  readonly key: string | undefined;
}

interface Response {
  readonly status: number;
  readonly text: string;
  /** The header `x-cache`. */
  readonly cache: string;
}
