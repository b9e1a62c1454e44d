import { z } from 'zod';
import { contentSchema } from './audit-trail.ts';
import type { Change } from './change.ts';
import { type Floor, Knowledge, type Moment } from './knowledge.ts';
import type { Operation, Times, Violation } from './operation.ts';

/** A product as the service answers it, as far as it is checked. */
export const productSchema = contentSchema.extend({ id: z.number(), version: z.number() });
export type Seen = z.infer<typeof productSchema>;

/** A whole category. */
export interface PageRead {
  readonly categoryId: number;
  readonly times: Times;
  /** By the wall clock. */
  readonly endedAtMs: number;
  readonly moment: Moment;
  /** Whether it was read page by page, and not as one page that holds all of it. */
  readonly isTurned: boolean;
  readonly ids: readonly number[];
}

/** The first time that somebody heard of a version, or that a product is gone. */
export interface Observation {
  /** `null`: that it is gone. */
  readonly seen: Seen | null;
  readonly operation: Operation;
  /** By the wall clock. */
  readonly endedAtMs: number;
}

/** A write that the service acknowledged. */
export interface Acknowledged {
  readonly operation: Operation;
  readonly change: Change;
}

/** A write of which the client does not know whether it was made. */
export interface OpenWrite {
  /** One and the same for all products of a call. */
  readonly times: Times;
  /** Unknown to whoever wanted to create it, or named its SKU. */
  readonly productId: number | undefined;
  readonly change: Change;
}

/**
 * Collects what the clients of a run were told, and checks each answer against what was known complete when its
 * question was asked: constant time for an answer. What needs the audit trail is kept for the end.
 */
export class History {
  readonly violations: Violation[] = [];
  readonly knowledge = new Knowledge();
  readonly observations = new Map<string, Observation>();
  readonly acknowledged: Acknowledged[] = [];
  readonly open: OpenWrite[] = [];
  readonly pages: PageRead[] = [];
  readonly #deletesBegun = new Set<number>();
  checkedReads = 0;

  /** Take it before the question is sent. */
  get now(): Moment {
    return this.knowledge.now;
  }

  /** From now on the product may be gone. */
  deleteBegins(id: number): void {
    this.#deletesBegun.add(id);
  }

  /** What a question of that moment was told of the product that it asked for. */
  read(operation: Operation, moment: Moment, seen: Seen | null): void {
    this.checkedReads += 1;
    const floor = this.knowledge.floor(operation.productId, moment);
    if (seen === null) this.#readNothing(operation, floor);
    else this.#readProduct(operation, floor, seen);
  }

  page(page: PageRead): void {
    this.pages.push(page);
  }

  /** An acknowledged write, sent at that moment, and the product as it was answered: null where only its version was. */
  write({ operation, change }: Acknowledged, moment: Moment, seen: Seen | null): void {
    this.acknowledged.push({ operation, change });
    const floor = this.knowledge.floor(operation.productId, moment);
    if (floor.isGone) {
      this.#violate('a write to a deleted product was acknowledged', operation, floor);
    } else if ((operation.version ?? 0) <= floor.version) {
      this.#violate('a write was acknowledged with a version known before', operation, floor);
    }
    if (seen !== null) this.#observe(operation, seen);
    this.knowledge.raise(operation, change.kind === 'delete');
  }

  /** The same write, sent again with its key after it was acknowledged, was answered otherwise. */
  repeatedOtherwise(operation: Operation, text: string): void {
    const rule = 'a repeated write was answered otherwise than at first';
    this.violations.push({ rule, text, history: [operation] });
  }

  /** A write that may have been made. */
  writeOpen(write: OpenWrite): void {
    this.open.push(write);
  }

  #readProduct(operation: Operation, floor: Floor, seen: Seen): void {
    if (seen.id !== operation.productId) {
      this.#violate('another product was answered', operation, floor);
      return;
    }
    if (floor.isGone) this.#violate('a deleted product came back', operation, floor);
    else if (seen.version < floor.version) this.#violate('stale read', operation, floor);
    this.#observe(operation, seen);
    this.knowledge.raise(operation, false);
  }

  /** Nothing is said against it where nobody knew of the product: it may have been created meanwhile. */
  #readNothing(operation: Operation, floor: Floor): void {
    if (floor.version === 0) return;
    if (!this.#deletesBegun.has(operation.productId)) {
      this.#violate('a product that exists was said not to', operation, floor);
    }
    const key = `${operation.productId}@gone`;
    if (!this.observations.has(key)) {
      this.observations.set(key, { seen: null, operation, endedAtMs: Date.now() });
    }
    this.knowledge.raise(operation, true);
  }

  #observe(operation: Operation, seen: Seen): void {
    const key = `${seen.id}@${seen.version}`;
    const before = this.observations.get(key);
    if (before === undefined) {
      this.observations.set(key, { seen, operation, endedAtMs: Date.now() });
    } else if (JSON.stringify(before.seen) !== JSON.stringify(seen)) {
      this.violations.push({
        rule: 'one version, two contents',
        text: `${JSON.stringify(before.seen)} and ${JSON.stringify(seen)}`,
        history: [before.operation, operation],
      });
    }
  }

  #violate(rule: string, operation: Operation, floor: Floor): void {
    const history = floor.by === undefined ? [operation] : [floor.by, operation];
    const text = `product ${operation.productId}: version ${floor.version}${floor.isGone ? ' (deleted)' : ''} was known`;
    this.violations.push({ rule, text, history });
  }
}
