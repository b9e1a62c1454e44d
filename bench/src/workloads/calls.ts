/** One call of a service: a path with its query, and a body where it changes something. */
export interface Call {
  readonly path: string;
  readonly body?: string;
}

export function query(procedure: string, input: object): Call {
  return { path: `${procedure}?input=${encodeURIComponent(JSON.stringify(input))}` };
}

export function mutation(procedure: string, input: object): Call {
  return { path: procedure, body: JSON.stringify(input) };
}

export function byId(id: number): Call {
  return query('product.byId', { id });
}

/** Several gets in one request. */
export function batchOf(ids: readonly number[]): Call {
  const inputs = Object.fromEntries(ids.map((id, index) => [index, { id }]));
  const paths = ids.map(() => 'product.byId').join(',');
  return { path: `${paths}?batch=1&input=${encodeURIComponent(JSON.stringify(inputs))}` };
}

export function page(categoryId: number, limit = 50): Call {
  return query('product.byCategory', { categoryId, limit });
}

export function updatePrice(id: number, price: string): Call {
  return mutation('product.updatePrice', { id, price });
}

/** A price that is not the one of before, most likely. */
export function anyPrice(): string {
  return `${1 + Math.floor(Math.random() * 9_999)}.${10 + Math.floor(Math.random() * 90)}`;
}

/** Uniform from 1 to `max`. */
export function anyOf(max: number): number {
  return 1 + Math.floor(Math.random() * max);
}
