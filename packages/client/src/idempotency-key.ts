import type { AppRouter } from '@throughline/api';
import { type Operation, TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';

/** Gives every call that `condition` picks a key of its own, unless the caller gave one in the context. */
export function keyLink(condition: (op: Operation) => boolean): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) => {
      if (!condition(op)) return next(op);
      const { idempotencyKey = freshKey() } = op.context;
      if (isKey(idempotencyKey)) return next({ ...op, context: { ...op.context, idempotencyKey } });
      const err = new TypeError('An idempotencyKey must be 1 to 128 visible ASCII characters.');
      return observable((observer) => observer.error(TRPCClientError.from(err)));
    };
}

/** The key that a call is sent with. */
export function callKeyOf({ type, context }: Operation): string | undefined {
  const { idempotencyKey } = context;
  return type === 'mutation' && isKey(idempotencyKey) ? idempotencyKey : undefined;
}

/** The header that carries a call's key, if it has one. */
export function keyHeaderOf(op: Operation): Record<string, string> {
  const key = callKeyOf(op);
  return key === undefined ? {} : { 'idempotency-key': key };
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]{1,128}$/.test(value);
}

/** 128 random bits. Browsers have `crypto.randomUUID` only on pages that came over HTTPS. */
function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
