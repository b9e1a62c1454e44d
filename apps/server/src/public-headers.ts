import { idempotencyKeyHeader } from '@throughline/api';
import type { IncomingMessage } from 'node:http';

export interface PublicHeadersOptions {
  /** Origins of pages that may call the service from a browser, as browsers send them. */
  readonly corsOrigins: readonly string[];
  /** Whether the port speaks TLS. */
  readonly isTls: boolean;
}

type FlatHeaders = readonly string[];

/**
 * The headers that every answer of the public port carries, whatever it says: name after value in one flat list, made once
 * and shared by all answers.
 *
 * A page of another origin may call the service if its origin is one that was configured, to the letter. No origin is
 * repeated unless it is one of those, and cookies are never asked for: who calls is told by the bearer token alone.
 */
export class PublicHeaders {
  readonly #common: FlatHeaders;
  readonly #ofOrigin: ReadonlyMap<string, FlatHeaders>;
  readonly #ofPreflight: ReadonlyMap<string, FlatHeaders>;
  /** Of the console: it is for people, so no page of another origin may have it. */
  readonly ofPage: FlatHeaders;

  constructor({ corsOrigins, isTls }: PublicHeadersOptions) {
    const transport = isTls ? transportSecurity : [];
    const security = [...securityHeaders, ...transport];
    this.ofPage = [...pageHeaders, ...transport];
    this.#common = corsOrigins.length === 0 ? security : [...security, 'vary', 'origin'];
    const mapped = (headers: FlatHeaders) =>
      new Map(
        corsOrigins.map((origin) => [
          origin,
          [...this.#common, 'access-control-allow-origin', origin, ...headers],
        ]),
      );
    this.#ofOrigin = mapped(exposed);
    this.#ofPreflight = mapped(allowed);
  }

  of({ headers: { origin } }: Pick<IncomingMessage, 'headers'>): FlatHeaders {
    return origin === undefined ? this.#common : (this.#ofOrigin.get(origin) ?? this.#common);
  }

  /** The whole head of the answer to a browser that asks whether a page may send its request; undefined if it may not. */
  ofPreflight({ method, headers }: IncomingMessage): FlatHeaders | undefined {
    const { origin, 'access-control-request-method': asked } = headers;
    if (method !== 'OPTIONS' || origin === undefined || asked === undefined) return undefined;
    return this.#ofPreflight.get(origin);
  }
}

/** For answers that are data: nothing in them is to be run, framed, embedded or taken for something else. */
const securityHeaders: FlatHeaders = [
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-origin'],
].flat();

/**
 * For the console: it runs, shows and asks nothing that this service does not serve itself, writes no style into its page,
 * and sends no form. What it is told of products is text to it.
 */
const pageHeaders: FlatHeaders = [
  ['x-content-type-options', 'nosniff'],
  [
    'content-security-policy',
    [
      "default-src 'none'",
      ...['script-src', 'style-src', 'connect-src'].map((what) => `${what} 'self'`),
      // Products may hold small images themselves.
      "img-src 'self' data:",
      ...['base-uri', 'form-action', 'frame-ancestors'].map((what) => `${what} 'none'`),
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
  ],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
].flat();

/** For a year, and for this host alone: what its subdomains speak is not known here. */
const transportSecurity: FlatHeaders = ['strict-transport-security', 'max-age=31536000'];

/** What a script may read beside the body. */
const exposed: FlatHeaders = [
  'access-control-expose-headers',
  'x-cache, server-timing, traceparent, idempotency-replayed, retry-after',
];

/** What a request may carry. No browser keeps the answer for longer than these two hours. */
const allowed: FlatHeaders = [
  ['access-control-allow-methods', 'GET, POST'],
  [
    'access-control-allow-headers',
    `authorization, content-type, ${idempotencyKeyHeader}, traceparent, tracestate, trpc-accept`,
  ],
  ['access-control-max-age', '7200'],
].flat();
