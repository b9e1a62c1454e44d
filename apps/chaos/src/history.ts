import { z } from 'zod';

/** A product as the service answers it, as far as it is checked. */
export const productSchema = z.object({
  id: z.number(),
  version: z.number(),
  sku: z.string(),
  name: z.string(),
  price: z.string(),
  stock: z.number(),
  categoryId: z.number(),
});
export type Seen = z.infer<typeof productSchema>;

/** One thing that somebody was told of a product, and when he asked and heard. Milliseconds of the run's clock. */
export interface Operation {
  readonly what: string;
  readonly productId: number;
  /** `null`: that it does not exist. */
  readonly version: number | null;
  readonly beganMs: number;
  readonly endedMs: number;
}

export interface Violation {
  readonly rule: string;
  readonly text: string;
  /** The operations that cannot both be true. */
  readonly history: readonly Operation[];
}

/** What was known of a product when an operation began: nothing older may be told after that. */
export interface Floor {
  readonly version: number;
  readonly isGone: boolean;
  /** Whose answer it is. */
  readonly by: Operation | undefined;
}

/** A page of a category that holds all of its products. */
export interface PageRead {
  readonly categoryId: number;
  readonly operation: Omit<Operation, 'productId' | 'version'>;
  readonly endedAtMs: number;
  readonly floors: ReadonlyMap<number, Floor>;
  readonly ids: readonly number[];
}

/** The first time that somebody heard of a version. */
export interface Observation {
  readonly seen: Seen;
  readonly operation: Operation;
  /** By the wall clock. */
  readonly endedAtMs: number;
}

/** A write that the service acknowledged. */
export interface Acknowledged {
  readonly operation: Operation;
  readonly stockDelta?: number | undefined;
}

const unknown: Floor = { version: 0, isGone: false, by: undefined };

/**
 * Collects what the clients of a run were told, and checks each answer against what was known complete when its
 * question was asked: constant time for an answer. What needs the audit trail is kept for the end.
 */
export class History {
  readonly violations: Violation[] = [];
  readonly observations = new Map<string, Observation>();
  readonly acknowledged: Acknowledged[] = [];
  readonly pages: PageRead[] = [];
  readonly #floors = new Map<number, Floor>();
  readonly #deletesBegun = new Set<number>();
  checkedReads = 0;

  /** What is known now; take it before the question is sent. */
  floors(ids: Iterable<number>): ReadonlyMap<number, Floor> {
    return new Map([...ids].map((id) => [id, this.#floors.get(id) ?? unknown]));
  }

  /** Of all products that are not known to be gone. */
  livingFloors(): ReadonlyMap<number, Floor> {
    return new Map([...this.#floors].filter(([, { isGone }]) => !isGone));
  }

  /** From now on the product may be gone. */
  deleteBegins(id: number): void {
    this.#deletesBegun.add(id);
  }

  read(operation: Operation, floor: Floor, seen: Seen | null): void {
    this.checkedReads += 1;
    if (seen === null) this.#readNothing(operation, floor);
    else this.#readProduct(operation, floor, seen);
  }

  page(page: PageRead): void {
    this.pages.push(page);
  }

  write(operation: Operation, seen: Seen | null, stockDelta?: number): void {
    this.acknowledged.push({ operation, stockDelta });
    if (seen !== null) this.#observe(operation, seen);
    this.#raise(operation, seen === null);
  }

  #readProduct(operation: Operation, floor: Floor, seen: Seen): void {
    if (floor.isGone) this.#violate('a deleted product came back', operation, floor);
    else if (seen.version < floor.version) this.#violate('stale read', operation, floor);
    this.#observe(operation, seen);
    this.#raise(operation, false);
  }

  #readNothing(operation: Operation, floor: Floor): void {
    if (floor.version === 0) return;
    if (!this.#deletesBegun.has(operation.productId)) {
      this.#violate('a product that exists was said not to', operation, floor);
    }
    this.#raise(operation, true);
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

  #raise(operation: Operation, isGone: boolean): void {
    const { productId: id } = operation;
    const floor = this.#floors.get(id) ?? unknown;
    const version = operation.version ?? floor.version;
    if (version > floor.version || (isGone && !floor.isGone)) {
      const raised = Math.max(version, floor.version);
      this.#floors.set(id, { version: raised, isGone: isGone || floor.isGone, by: operation });
    }
  }

  #violate(rule: string, operation: Operation, floor: Floor): void {
    const history = floor.by === undefined ? [operation] : [floor.by, operation];
    const text = `product ${operation.productId}: version ${floor.version}${floor.isGone ? ' (deleted)' : ''} was known`;
    this.violations.push({ rule, text, history });
  }
}
