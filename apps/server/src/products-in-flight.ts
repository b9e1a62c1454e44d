import { TooManyProductsError } from '@throughline/api';
import type { ServerResponse } from 'node:http';
import { limits } from './limits.ts';

/**
 * Bounds how many products the answers hold that are being made: they are memory, and a small request may ask for
 * thousands. What one request may ask for always fits by itself, so only those that come beside others are refused.
 */
export class ProductsInFlight {
  readonly #productsMax: number;
  #held = 0;

  constructor(productsMax: number = limits.productsMax) {
    this.#productsMax = productsMax;
  }

  get held(): number {
    return this.#held;
  }

  /**
   * For the calls of one request, each of which says how many products it asks for before it does. They are held until the
   * answer is complete, after which it is one of those that are bounded by their bytes, or its client has gone.
   *
   * Throws `TooManyProductsError` for a call that is too much.
   */
  forAnswer(res: ServerResponse): (products: number) => void {
    let own = 0;
    const leave = () => {
      res.off('prefinish', leave).off('close', leave);
      this.#held -= own;
      own = 0;
    };
    return (products) => {
      if (this.#held + products > this.#productsMax) {
        throw new TooManyProductsError('The answers in flight hold as many products as they may.');
      }
      if (res.destroyed) return;
      if (own === 0) res.on('prefinish', leave).on('close', leave);
      own += products;
      this.#held += products;
    };
  }
}
