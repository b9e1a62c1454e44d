import type { Auth } from '@throughline/api';
import { LRUCache } from 'lru-cache';
import { limits } from './limits.ts';

interface Verified {
  readonly auth: Auth;
  readonly untilMs: number;
}

/** Tokens whose signature and claims were good a moment ago, so that they are not verified at each request. */
export class VerifiedTokens {
  readonly #byToken = new LRUCache<string, Verified>({ max: limits.verifiedMax });

  /** Whose it is; undefined if that has to be found out, or if it has expired since. */
  find(token: string): Auth | undefined {
    const verified = this.#byToken.get(token);
    return verified !== undefined && Date.now() < verified.untilMs ? verified.auth : undefined;
  }

  /** Remembers a token that was just found valid. */
  add(token: string, auth: Auth, expiresAtMs: number): void {
    const untilMs = Math.min(expiresAtMs, Date.now() + limits.verifiedMs);
    this.#byToken.set(token, { auth, untilMs });
  }
}
