import { hostname } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** What no answer says: where the service runs, on what, and how it is made. */
const inner: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a stack', /\n\s+at |\\n\s+at |node:internal|node_modules|\.ts:\d+/],
  [
    'a statement',
    /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b[^;]{0,200}\b(WHERE|FROM|VALUES|RETURNING)\b/,
  ],
  [
    'PostgreSQL',
    /syntax error at|invalid (byte sequence|input syntax)|violates|out of range for type|unsupported Unicode|relation "|column "|duplicate key|numeric field|statement timeout|\bpg_|postgres/i,
  ],
  ['Redis', /WRONGTYPE|CROSSSLOT|NOSCRIPT|\bERR |redis|FLUSHDB/i],
  ['a library', /sequelize|ioredis|pino|ZodError|TRPCError|jose|JWS|JWTExpired|undici|llhttp|HPE_/],
  [
    'a surprise of JavaScript',
    /TypeError|RangeError|ReferenceError|SyntaxError|is not a function|Cannot read propert|\[object |call stack|in JSON at position|ECONN|EPIPE|ENOENT/,
  ],
  ['an address', /127\.0\.0\.1|(postgres(ql)?|rediss?):\/\//],
];

/** Finds internals in the text of an answer. `secrets`: what this very service must not say. */
export function leakIn(text: string, secrets: readonly string[]): string | undefined {
  const said = [root, hostname(), ...secrets].find(
    (secret) => secret.length > 3 && text.includes(secret),
  );
  if (said !== undefined) return `"${said}"`;
  const found = inner.find(([, pattern]) => pattern.test(text));
  return found && `${found[0]} ("${found[1].exec(text)?.[0].slice(0, 80)}")`;
}
