export interface ComparedField {
  readonly name: string;
  /** Null where there is none. */
  readonly cached: string | null;
  readonly stored: string | null;
  /** Only where both sides are there: what is absent contradicts nothing. */
  readonly isDifferent: boolean;
}

/** A cached value and its row as texts, field beside field where they have fields. */
export function comparedFields(cached: unknown, stored: unknown): ComparedField[] {
  if (!isRecord(cached ?? {}) || !isRecord(stored ?? {})) return [fieldOf('all', cached, stored)];
  const [left, right] = [cached ?? {}, stored ?? {}].map((side) => new Map(Object.entries(side)));
  const names = new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])]);
  if (names.size === 0) return [fieldOf('all', cached, stored)];
  const isWhole = left?.size !== 0 && right?.size !== 0;
  return Array.from(names, (name) => {
    const field = fieldOf(name, left?.get(name), right?.get(name));
    return { ...field, isDifferent: isWhole && field.cached !== field.stored };
  });
}

function fieldOf(name: string, cached: unknown, stored: unknown): ComparedField {
  const [left, right] = [textOf(cached), textOf(stored)];
  // The entry of a list holds its version, which no row has.
  const isDifferent = isRecord(cached) && isRecord(stored) && left !== right;
  return { name, cached: left, stored: right, isDifferent };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
