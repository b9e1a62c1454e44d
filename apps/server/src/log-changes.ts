import type { ProductChange } from '@throughline/product-repository';
import type { Logger } from '@throughline/telemetry';
import type { Instrument } from '@throughline/write-through';

/** An instrument that logs what each operation changed; a new price as a warning, as money hangs on it. */
export function createChangeLog(logger: Logger): Instrument {
  return async (operation, run) => {
    const result = await run();
    for (const change of changesOf(result)) {
      logger[levels[change.type]]({ operation: operation.name, change }, messages[change.type]);
    }
    return result;
  };
}

const levels = {
  created: 'info',
  updated: 'info',
  deleted: 'info',
  'stock-adjusted': 'info',
  'price-changed': 'warn',
} as const satisfies Record<ProductChange['type'], 'info' | 'warn'>;

const messages = {
  created: 'product created',
  updated: 'product updated',
  deleted: 'product deleted',
  'stock-adjusted': 'stock adjusted',
  'price-changed': 'price changed',
} as const satisfies Record<ProductChange['type'], string>;

/** An instrument sees only the part of a result that concerns it, so this part is looked for. */
function changesOf(result: object): ProductChange[] {
  if ('changes' in result && Array.isArray(result.changes)) {
    return result.changes.filter(isProductChange);
  }
  return 'change' in result && isProductChange(result.change) ? [result.change] : [];
}

function isProductChange(value: unknown): value is ProductChange {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  return typeof value.type === 'string' && Object.hasOwn(levels, value.type);
}
