import { z } from 'zod';
import type { DocumentedError } from './documented-errors.ts';
import type { CallForm, Exchange, Exchanged } from './exchange.ts';
import { AnswerMalformedError, type HttpAnswer, parseAnswers } from './http-answers.ts';
import { leakIn } from './leaks.ts';

/** What is wrong with what came back, or nothing; and what it is in the table of answers. */
export interface Judgement {
  /** A status and, for a refusal, its service code; of several answers, each. */
  readonly answers: readonly string[];
  readonly fault: string | undefined;
  /** The service says that it was away for a moment, and that the same may be sent again. */
  readonly isRetryable?: boolean;
}

export interface JudgeOptions {
  readonly documented: ReadonlyMap<string, DocumentedError>;
  /** What no answer may contain. */
  readonly secrets: readonly string[];
}

/** What Node says itself to what is no request, without a body: see docs/errors.md. */
const bareStatuses: ReadonlySet<number> = new Set([400, 408, 413, 417, 431]);

/** Well above what the largest batch takes. */
const answerBytesMax = 100_000_000;

const errorSchema = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    code: z.int(),
    data: z.looseObject({ code: z.string(), httpStatus: z.int(), serviceCode: z.string() }),
  }),
});
const resultSchema = z.strictObject({ result: z.strictObject({ data: z.unknown() }) });
/** What may stand in `data` of an error, beside its codes. */
const detailNames = new Set([
  'code',
  'httpStatus',
  'serviceCode',
  'path',
  'currentVersion',
  'retryable',
  'outcome',
  'requiredScope',
  'zodError',
]);

/** Holds answers to what docs/errors.md promises, whatever was sent. */
export class Judge {
  readonly #options: JudgeOptions;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  judge(sent: Exchange, { bytes, isClosed, isReset }: Exchanged): Judgement {
    if (!isClosed)
      return {
        answers: ['nothing in time'],
        fault: 'the connection was neither answered nor closed in time',
      };
    if (sent.end === 'destroy') return { answers: ['hung up'], fault: undefined };
    if (bytes.length > answerBytesMax)
      return { answers: ['endless'], fault: 'the answer has no end' };
    try {
      const answers = parseAnswers(bytes, { mayLackBody: sent.bytes.includes('HEAD ') });
      const told = answers.map((answer) => this.#tellOf(sent, answer));
      return {
        answers: told.length === 0 ? [isReset ? 'reset' : 'closed'] : told.map(({ code }) => code),
        isRetryable: told.some(({ isRetryable }) => isRetryable === true),
        fault:
          told.find(({ fault }) => fault !== undefined)?.fault ??
          faultOfNumber(sent, { answers, isReset }),
      };
    } catch (err) {
      // A reset takes what was not read yet with it.
      if (!(err instanceof AnswerMalformedError)) throw err;
      return { answers: ['cut'], fault: isReset ? undefined : err.message };
    }
  }

  #tellOf(sent: Exchange, answer: HttpAnswer): Told {
    const told = this.#lookAt(sent, answer);
    if (told.fault !== undefined) return told;
    if (sent.isForbidden === true && answer.status < 300) {
      return { ...told, fault: 'what must not be understood was answered' };
    }
    const isPublic = !(sent.port === 'operations' && answer.status === 200) && !isPage(answer);
    const leak = isPublic ? leakIn(textOf(answer), this.#options.secrets) : undefined;
    return leak === undefined ? told : { ...told, fault: `the answer shows ${leak}` };
  }

  #lookAt(sent: Exchange, answer: HttpAnswer): Told {
    const { calls, port } = sent;
    const { status, headers, body } = answer;
    const code = String(status);
    if (!headers.has('content-type')) {
      if (bareStatuses.has(status) && body === '') return { code: `${status} (no HTTP)` };
      return { code, fault: `a status ${status} without a body is not documented` };
    }
    if (body === '') return { code: `${status} (head)` };
    if (port === 'operations' && status === 200) return { code };
    if (isPage(answer)) return lookAtPage(answer);
    if (headers.get('content-type') === 'text/event-stream') return this.#lookAtEvents(body);
    if (isStreamed(sent, answer)) return this.#lookAtStream(body);
    const value = parseJson(body);
    if (value === undefined) return { code, fault: 'the body is no JSON' };
    if (Array.isArray(value)) return this.#lookAtBatch(calls, status, value);
    return this.#lookAtResult(value, status);
  }

  #lookAtResult(value: unknown, status: number | undefined): Told {
    if (resultSchema.safeParse(value).success) {
      const isWrong = status !== undefined && status !== 200 && status !== 207;
      return isWrong
        ? { code: '200', fault: `a result has the status ${status}` }
        : { code: '200' };
    }
    const parsed = errorSchema.safeParse(value);
    if (!parsed.success)
      return { code: 'other', fault: 'the body is neither a result nor an error' };
    const { data } = parsed.data.error;
    const code = `${data.httpStatus} ${data.serviceCode}`;
    const documented = this.#options.documented.get(data.serviceCode);
    if (documented === undefined) return { code, fault: `${data.serviceCode} is not documented` };
    if (documented.code !== data.code || documented.httpStatus !== data.httpStatus) {
      return { code, fault: `${data.serviceCode} has other codes than documented` };
    }
    if (data.httpStatus >= 500) {
      const isRetryable = data.httpStatus === 503 && data['retryable'] === true;
      return { code, fault: `a service that is well answered ${code}`, isRetryable };
    }
    if (status !== undefined && status !== data.httpStatus) {
      return { code, fault: `${code} has the status ${status}` };
    }
    const unknown = Object.keys(data).find((name) => !detailNames.has(name));
    return unknown === undefined ? { code } : { code, fault: `an error has the field ${unknown}` };
  }

  #lookAtBatch(calls: CallForm | undefined, status: number, values: readonly unknown[]): Told {
    if (calls !== undefined && values.length !== calls.procedures.length) {
      return {
        code: 'batch',
        fault: `${calls.procedures.length} calls got ${values.length} answers`,
      };
    }
    const told = values.map((value) => this.#lookAtResult(value, undefined));
    const codes = [...new Set(told.map(({ code }) => code))];
    const faulty = told.find((each) => each.fault !== undefined);
    const code = codes.length === 1 ? (codes[0] ?? '') : '207';
    if (faulty !== undefined) return { ...faulty, code };
    const statuses = new Set(codes.map((each) => each.slice(0, 3)));
    const expected = statuses.size === 1 ? Number([...statuses][0]) : 207;
    return status === expected
      ? { code }
      : { code, fault: `a batch of ${codes.join(', ')} has the status ${status}` };
  }

  /** What an event carries is JSON; an error is one that is documented, whatever the status of the stream. */
  #lookAtEvents(body: string): Told {
    const code = '200 (events)';
    for (const event of body.split('\n\n').filter((each) => each.includes('data: '))) {
      const [, data = ''] = /^data: (.*)$/m.exec(event) ?? [];
      const value = data === '' ? null : parseJson(data);
      if (value === undefined) return { code, fault: 'an event is no JSON' };
      if (!event.includes('event: serialized-error')) continue;
      return this.#lookAtResult({ error: value }, undefined);
    }
    return { code };
  }

  /** Every line is JSON, and where it tells of an error, it is one that is documented. */
  #lookAtStream(body: string): Told {
    const code = '200 (streamed)';
    for (const line of body.split('\n').filter((each) => each.trim() !== '')) {
      const value = parseJson(line);
      if (value === undefined) return { code, fault: 'a line of a stream is no JSON' };
      for (const error of errorsIn(value)) {
        const told = this.#lookAtResult({ error }, undefined);
        if (told.fault !== undefined) return told;
      }
    }
    return { code };
  }
}

function isPage({ headers }: HttpAnswer): boolean {
  return headers.get('content-type') === 'text/html; charset=utf-8';
}

/** The console, which holds nothing of what was sent, under a policy that lets it run nothing but itself. */
function lookAtPage({ status, headers }: HttpAnswer): Told {
  const policy = headers.get('content-security-policy') ?? '';
  const isHeld = policy.startsWith("default-src 'none'; script-src 'self'; style-src 'self'");
  const fault = isHeld && status === 200 ? undefined : 'a page is sent without its policy';
  return { code: `${status} (page)`, fault };
}

interface Told {
  readonly code: string;
  readonly fault?: string | undefined;
  readonly isRetryable?: boolean;
}

/** One request gets one answer, unless it was too large to be read to its end. */
function faultOfNumber(
  { calls, bytes, isForbidden }: Exchange,
  { answers, isReset }: { answers: readonly HttpAnswer[]; isReset: boolean },
): string | undefined {
  if (isForbidden === true && answers.length > 2) return 'one request was taken for several';
  if (calls === undefined || answers.length === 1) return undefined;
  if (answers.length === 0 && isReset && bytes.length > 65_536) return undefined;
  return `one request got ${answers.length} answers`;
}

/** It has JSON's content type too. Everything else states its length. */
function isStreamed(sent: Exchange, { status, headers }: HttpAnswer): boolean {
  const isChunked = headers.get('transfer-encoding') === 'chunked';
  return isChunked && status === 200 && sent.bytes.includes('application/jsonl');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Errors at any depth of a line of a stream. What is told of the cache has a number under that name, of reads that ended so. */
function errorsIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('error' in value && typeof value.error !== 'number') return [value.error];
  return Object.values(value).flatMap(errorsIn);
}

function textOf({ headers, body }: HttpAnswer): string {
  return `${[...headers].map(([name, value]) => `${name}: ${value}`).join('\n')}\n${body}`;
}
