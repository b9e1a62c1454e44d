import type { ThroughlineClient } from '@throughline/client';

// What the client answers and takes is known to whoever has installed nothing but the client.

// oxlint-disable typescript/no-unnecessary-type-parameters -- the compiler compares such functions exactly
type Equals<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
// oxlint-enable typescript/no-unnecessary-type-parameters

type ProductCalls = ThroughlineClient['product'];
type Product = Awaited<ReturnType<ProductCalls['byId']['query']>>;

export const productIsKnown: Equals<
  Product,
  {
    id: number;
    sku: string;
    name: string;
    description: string;
    price: string;
    stock: number;
    categoryId: number;
    category: { id: number; name: string; slug: string };
    images: { id: number; url: string; alt: string; position: number }[];
    version: number;
    createdAt: string;
    updatedAt: string;
  }
> = true;

export const inputIsKnown: Equals<
  Parameters<ProductCalls['updatePrice']['mutate']>[0],
  { id: number; price: string; expectedVersion?: number | undefined }
> = true;
