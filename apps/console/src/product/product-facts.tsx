import { Anchor } from '@mantine/core';
import { Changing } from '../live/changing.tsx';
import type { Product } from '../service/trpc.ts';
import classes from './product-page.module.css';

/** All that the service tells of a product. */
export function ProductFacts({ product }: { readonly product: Product }) {
  const { price, stock, sku, category, description, createdAt, updatedAt } = product;
  return (
    <section className={classes['facts']} aria-label="Product">
      <dl className={classes['figures']}>
        <div>
          <dt>Price</dt>
          <dd>
            <Changing value={price} />
          </dd>
        </div>
        <div>
          <dt>Stock</dt>
          <dd>
            <Changing value={stock} />
          </dd>
        </div>
      </dl>
      <dl className={classes['list']}>
        <dt>SKU</dt>
        <dd>
          <Changing value={sku} />
        </dd>
        <dt>Category</dt>
        <dd>
          <Changing value={category.name} />
        </dd>
        <dt>Changed</dt>
        <dd>
          <Time iso={updatedAt} />
        </dd>
        <dt>Created</dt>
        <dd>
          <Time iso={createdAt} />
        </dd>
        <dt>Images</dt>
        <dd>
          <Images product={product} />
        </dd>
      </dl>
      <p className={classes['description']}>
        {description === '' ? 'No description.' : description}
      </p>
    </section>
  );
}

/** Those that lie elsewhere are named and not loaded: whoever has them there would learn of each look at them. */
function Images({ product: { images } }: { readonly product: Product }) {
  if (images.length === 0) return 'none';
  return (
    <ul className={classes['images']}>
      {images.map(({ id, url, alt }) => (
        <li key={id}>
          {url.startsWith('data:') ? (
            <img src={url} alt={alt || 'Image without a text'} className={classes['image']} />
          ) : (
            <Anchor href={url} rel="noreferrer" target="_blank" underline="always" size="sm">
              {alt || url}
            </Anchor>
          )}
        </li>
      ))}
    </ul>
  );
}

function Time({ iso }: { readonly iso: string }) {
  return <time dateTime={iso}>{new Date(iso).toLocaleString()}</time>;
}
