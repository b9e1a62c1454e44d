import type { PublicError } from '@throughline/api';

/** Calls that are refused because a process has as much to do as it may: they are counted as refused, and are no failure of a call. */
export const shedCodes: ReadonlySet<PublicError['serviceCode']> = new Set([
  'TOO_MANY_PRODUCTS',
  'TOO_MANY_FOLLOWERS',
]);
