import type { ResponseMeta } from '@trpc/server/http';

/** Status and headers of one answer while it is made, as flat as `writeHead` takes them. */
export class AnswerHead {
  #status = 200;
  #contentType: string | undefined;
  /** Only where `responseMeta` sets headers, which join those of tRPC by the rules of `Headers`. */
  #headers: Headers | undefined;
  /** Flat, as they are sent: those that stand from the beginning, then those of this answer. */
  readonly #given: readonly string[];
  #own: readonly string[] = [];

  constructor(given: readonly string[]) {
    this.#given = given;
  }

  get status(): number {
    return this.#status;
  }

  /** From when calls have ended; an answer before that is text to a fetch `Response`, though it is JSON. */
  setJson(): void {
    this.#contentType = 'application/json';
  }

  /** Takes over the status of the results, then what `responseMeta` answered. */
  add(status: number, meta: ResponseMeta): void {
    if (meta.headers !== undefined) this.#append(meta.headers);
    this.#status = meta.status || status;
  }

  /** Throws for a status that a fetch `Response` with a body must not have, as one does. */
  check(): void {
    const status = this.#status;
    const isUsual = Number.isInteger(status) && status >= 200 && status < 600;
    if (!isUsual || bodyless.has(status)) this.#status = new Response('', { status }).status;
  }

  /** Takes over a flat list of names and values. */
  setOwn(headers: readonly string[]): void {
    this.#own = headers;
  }

  flat(bodyBytes: number): string[] {
    const flat = this.#headers === undefined ? this.#plain() : this.#joined(this.#headers);
    for (const each of this.#given) flat.push(each);
    for (const each of this.#own) flat.push(each);
    flat.push('content-length', String(bodyBytes));
    return flat;
  }

  #plain(): string[] {
    return ['content-type', this.#contentType ?? textType, 'vary', vary];
  }

  #joined(headers: Headers): string[] {
    if (!headers.has('content-type')) headers.set('content-type', textType);
    return [...headers].flat();
  }

  #append(headers: NonNullable<ResponseMeta['headers']>): void {
    this.#headers ??= new Headers({
      vary,
      ...(this.#contentType !== undefined && { 'content-type': this.#contentType }),
    });
    if (headers instanceof Headers) {
      for (const [name, value] of headers) this.#headers.append(name, value);
      return;
    }
    for (const [name, value] of Object.entries(headers)) {
      if (Array.isArray(value)) for (const one of value) this.#headers.append(name, one);
      else if (typeof value === 'string') this.#headers.set(name, value);
    }
  }
}

const vary = 'trpc-accept, accept';
const textType = 'text/plain;charset=UTF-8';

const bodyless: ReadonlySet<number> = new Set([204, 205, 304]);
