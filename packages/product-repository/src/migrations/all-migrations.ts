import { catalogue } from './0001-catalogue.ts';
import { writeThroughEpoch } from './0002-write-through-epoch.ts';
import { writeThroughBypass } from './0003-write-through-bypass.ts';
import { idempotencyKeys } from './0004-idempotency-keys.ts';
import { writeThroughOutbox } from './0005-write-through-outbox.ts';
import { searchVector } from './0006-search-vector.ts';
import { productChanges } from './0007-product-changes.ts';
import type { Migration } from './migration.ts';

/** In the order in which they run; imported one by one, so that a bundle or an archive holds them too. */
export const allMigrations: readonly Migration[] = [
  catalogue,
  writeThroughEpoch,
  writeThroughBypass,
  idempotencyKeys,
  writeThroughOutbox,
  searchVector,
  productChanges,
];
