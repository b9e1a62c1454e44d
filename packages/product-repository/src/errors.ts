/** The parent of every expected refusal of the repository; `code` is literal in each child. */
export abstract class ProductRepositoryError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

export class ProductNotFoundError extends ProductRepositoryError {
  readonly code = 'PRODUCT_NOT_FOUND';
  readonly id: number;

  constructor(id: number) {
    super(`There is no product ${id}.`);
    this.id = id;
  }
}

export class CategoryNotFoundError extends ProductRepositoryError {
  readonly code = 'CATEGORY_NOT_FOUND';
  readonly id: number;

  constructor(id: number) {
    super(`There is no category ${id}.`);
    this.id = id;
  }
}

/** Its message does not repeat the SKU: messages are logged. */
export class SkuTakenError extends ProductRepositoryError {
  readonly code = 'SKU_TAKEN';
  readonly sku: string;

  constructor(sku: string) {
    super('The SKU belongs to another product.');
    this.sku = sku;
  }
}

/** Its message does not repeat the slug: messages are logged. */
export class SlugTakenError extends ProductRepositoryError {
  readonly code = 'SLUG_TAKEN';
  readonly slug: string;

  constructor(slug: string) {
    super('The slug belongs to another category.');
    this.slug = slug;
  }
}

/** `expectedVersion` did not match; nothing changed. */
export class VersionConflictError extends ProductRepositoryError {
  readonly code = 'VERSION_CONFLICT';
  readonly id: number;
  readonly currentVersion: number;

  constructor(id: number, currentVersion: number) {
    super(`Product ${id} is at version ${currentVersion}, not at the one expected.`);
    this.id = id;
    this.currentVersion = currentVersion;
  }
}

export class StockInsufficientError extends ProductRepositoryError {
  readonly code = 'STOCK_INSUFFICIENT';
  readonly id: number;
  readonly stock: number;

  constructor(id: number, stock: number) {
    super(`Product ${id} has ${stock} in stock, less than the change takes away.`);
    this.id = id;
    this.stock = stock;
  }
}

/** The stock would exceed what the column can hold; nothing changed. */
export class StockTooLargeError extends ProductRepositoryError {
  readonly code = 'STOCK_TOO_LARGE';
  readonly id: number;

  constructor(id: number) {
    super(`The stock of product ${id} would exceed 2147483647.`);
    this.id = id;
  }
}

/** The idempotency key stands for another call; nothing changed. */
export class IdempotencyKeyReusedError extends ProductRepositoryError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  constructor() {
    super('The idempotency key was used before, with another input.');
  }
}

/** A cursor that no page of ours has returned. */
export class CursorInvalidError extends ProductRepositoryError {
  readonly code = 'CURSOR_INVALID';
  constructor() {
    super('The cursor is not one that this service has issued.');
  }
}

/** What was asked to follow is no longer kept, or was never told by this database. */
export class ChangesNotKeptError extends ProductRepositoryError {
  readonly code = 'CHANGES_NOT_KEPT';
  constructor() {
    super(
      'The changes after lastEventId are not kept: read what you need anew, and follow without it.',
    );
  }
}

/** As many follow the changes as one process may serve. */
export class TooManyFollowersError extends ProductRepositoryError {
  readonly code = 'TOO_MANY_FOLLOWERS';
  constructor() {
    super('This process serves as many subscriptions as it may.');
  }
}
