import { upsertProductSchema, type UpsertProduct } from '@throughline/product-repository/schemas';
import type { z } from 'zod';
import type { CategoryIndex } from './category-index.ts';
import { type Fields, requiredColumns } from './parsed-record.ts';

export type ProductRow =
  | { readonly product: UpsertProduct; readonly problem?: undefined; readonly sku?: undefined }
  | { readonly product?: undefined; readonly problem: string; readonly sku?: string | undefined };

/** What a record says of a product, or every reason why it says nothing that can be sent. */
export async function productRow(
  fields: Fields,
  categories: Pick<CategoryIndex, 'find'>,
): Promise<ProductRow> {
  const problems = new Map<string, string>();
  const told = <Value>(name: string, { value, problem }: Read<Value>): Value | undefined => {
    if (problem !== undefined) problems.set(name, problem);
    return value;
  };
  for (const name of requiredColumns) {
    if (isLeftOut(fields[name])) problems.set(name, `${name} is missing`);
  }
  const given = {
    sku: fields['sku'],
    name: fields['name'],
    description: fields['description'] ?? undefined,
    price: problems.has('price') ? undefined : told('price', priceOf(fields['price'])),
    stock: told('stock', stockOf(fields['stock'])),
    images: told('images', imagesOf(fields['images'])),
    categoryId: problems.has('category')
      ? undefined
      : told('category', await categoryOf(fields['category'], categories)),
  };
  const { success, data: product, error } = upsertProductSchema.safeParse(given);
  for (const issue of error?.issues ?? []) {
    const name = nameOf(issue);
    // Of a value that was refused above nothing more is to be said.
    if (!problems.has(name)) problems.set(name, reasonOf(issue));
  }
  if (success && problems.size === 0) return { product };
  const { sku } = given;
  return {
    problem: [...problems.values()].join('; '),
    sku: typeof sku === 'string' ? sku : undefined,
  };
}

interface Read<Value> {
  readonly value?: Value | undefined;
  readonly problem?: string;
}

function isLeftOut(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value === '');
}

/** A zero can stand in one place of it only, so a line of a megabyte of them is refused at once. */
const decimal = /^0*([1-9]\d*|0)(?:\.(\d{0,2})0*)?$/;

/** Whatever decimal is exact with two digits after the point. */
function priceOf(value: unknown): Read<string> {
  const match = typeof value === 'string' ? decimal.exec(value.trim()) : null;
  const [, whole, cents = ''] = match ?? [];
  if (whole === undefined) {
    return { problem: 'price is not a decimal with at most two digits after the point' };
  }
  if (whole.length > 10) return { problem: 'price is more than 9999999999.99' };
  return { value: `${whole}.${cents.padEnd(2, '0')}` };
}

function stockOf(value: unknown): Read<number> {
  if (isLeftOut(value)) return {};
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d+$/.test(text.trim())) {
    return { problem: 'stock is not a whole number from 0 on' };
  }
  // What no double holds is too much anyway, and would be called by another limit.
  return { value: Math.min(Number(text), Number.MAX_SAFE_INTEGER) };
}

/** URLs with `|` between them, or JSON: a list of URLs, or of objects with `url` and `alt`. */
function imagesOf(value: unknown): Read<unknown[]> {
  if (value === undefined || value === null) return {};
  const list = typeof value === 'string' ? listOf(value.trim()) : value;
  if (!Array.isArray(list)) {
    return { problem: 'images are neither URLs with | between them nor a list in JSON' };
  }
  return {
    value: list.map((image: unknown) => (typeof image === 'string' ? { url: image } : image)),
  };
}

function listOf(text: string): unknown {
  if (!text.startsWith('[')) {
    return text === '' ? [] : text.split('|').map((url) => url.trim());
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function categoryOf(
  value: unknown,
  categories: Pick<CategoryIndex, 'find'>,
): Promise<Read<number>> {
  if (typeof value !== 'string') return { problem: 'category is not text' };
  const found = await categories.find(value.trim());
  return found.problem === undefined
    ? { value: found.id }
    : { problem: `category "${value.trim().slice(0, 100)}": ${found.problem}` };
}

function nameOf({ path: [field] }: z.core.$ZodIssue): string {
  return field === 'categoryId' ? 'category' : String(field);
}

function reasonOf(issue: z.core.$ZodIssue): string {
  const [, index] = issue.path;
  const name = typeof index === 'number' ? `image ${index + 1}` : nameOf(issue);
  switch (issue.code) {
    case 'too_big':
      return issue.origin === 'string'
        ? `${name} has more than ${issue.maximum} characters`
        : `${name} is more than ${issue.maximum}`;
    case 'too_small':
      return `${name} is empty`;
    case 'invalid_type':
      return `${name} is not text`;
    default:
      return `${name} ${issue.message}`;
  }
}
