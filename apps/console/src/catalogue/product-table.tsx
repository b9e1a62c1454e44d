import { Skeleton } from '@mantine/core';
import { Link } from 'react-router';
import { Changing } from '../live/changing.tsx';
import type { Product } from '../service/trpc.ts';
import classes from './product-table.module.css';

interface ProductTableProps {
  /** Undefined while they are awaited. */
  readonly products: readonly Product[] | undefined;
  /** Whether others are on their way. */
  readonly isBusy: boolean;
  readonly caption: string;
}

export function ProductTable({ products, isBusy, caption }: ProductTableProps) {
  return (
    <table className={classes['table']} aria-busy={isBusy || products === undefined}>
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Product</th>
          <th scope="col" className={classes['category']}>
            Category
          </th>
          <th scope="col" className={classes['number']}>
            Stock
          </th>
          <th scope="col" className={classes['number']}>
            Price
          </th>
        </tr>
      </thead>
      <tbody>
        {products?.map((product) => <ProductRow key={product.id} product={product} />) ??
          skeletonRows}
      </tbody>
    </table>
  );
}

function ProductRow({ product }: { readonly product: Product }) {
  const { id, name, sku, category, stock, price } = product;
  return (
    <tr>
      <th scope="row">
        <Link to={`/products/${id}`} className={classes['name']}>
          <Changing value={name} />
        </Link>
        <span className={classes['sku']}>{sku}</span>
      </th>
      <td className={classes['category']}>
        <Changing value={category.name} />
      </td>
      <td className={classes['number']}>
        <Changing value={stock}>
          {stock === 0 ? <span className={classes['none']}>none</span> : stock}
        </Changing>
      </td>
      <td className={classes['number']}>
        <Changing value={price} />
      </td>
    </tr>
  );
}

const skeletonRows = Array.from({ length: 8 }, (_, row) => (
  <tr key={row} aria-hidden="true">
    {['product', 'category', 'stock', 'price'].map((column) => (
      <td key={column} className={column === 'category' ? classes['category'] : undefined}>
        <Skeleton height="1.1rem" my="0.45rem" radius="sm" />
      </td>
    ))}
  </tr>
));
