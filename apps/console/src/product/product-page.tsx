import { Alert, Anchor, Badge, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { failureOf, isThroughlineError } from '@throughline/client';
import { Link, useParams } from 'react-router';
import { Changing } from '../live/changing.tsx';
import { useAnswer } from '../service/answer-store.ts';
import { AnswerTag } from '../service/answer-tag.tsx';
import { isAway } from '../service/error-words.ts';
import { Refusal } from '../service/refusal.tsx';
import { useTRPC } from '../service/trpc.ts';
import { NotFoundPage } from '../shell/not-found-page.tsx';
import { PageHeading } from '../shell/page-heading.tsx';
import { DeleteButton } from './delete-button.tsx';
import { DetailsForm } from './details-form.tsx';
import { PriceForm } from './price-form.tsx';
import { ProductFacts } from './product-facts.tsx';
import classes from './product-page.module.css';
import { StockForm } from './stock-form.tsx';

export function ProductPage() {
  const { productId = '' } = useParams();
  // The path is typed by people, and the largest id is that of the service.
  const isId = /^[1-9]\d{0,9}$/.test(productId) && Number(productId) <= 2_147_483_647;
  // What is being edited belongs to one product.
  return isId ? <ProductOf key={productId} id={Number(productId)} /> : <NotFoundPage />;
}

function ProductOf({ id }: { readonly id: number }) {
  const { data: product, error, refetch } = useQuery(useTRPC().product.byId.queryOptions({ id }));
  const answer = useAnswer('product.byId', { id });
  const isGone = isThroughlineError(error) && failureOf(error).code === 'PRODUCT_NOT_FOUND';
  if (product === undefined) {
    return (
      <>
        <Back />
        <PageHeading title={isGone ? `There is no product ${id}` : `Product ${id}`} />
        <AnswerTag answer={answer} />
        {isGone || error === null || isAway(error) ? null : (
          <Refusal error={error} onRetry={() => void refetch()} />
        )}
        {(error === null || isAway(error)) && <ProductSkeleton />}
      </>
    );
  }
  return (
    <>
      <Back />
      <PageHeading title={product.name}>
        <DeleteButton product={product} />
      </PageHeading>
      <div className={classes['bar']}>
        <Badge variant="light" tt="none" size="lg">
          <Changing value={product.version}>version {product.version}</Changing>
        </Badge>
        <AnswerTag answer={answer} />
      </div>
      {isGone && (
        <Alert color="red" variant="light" title="This product was deleted" mb="md">
          What you see is how it was last.
        </Alert>
      )}
      {error !== null && !isGone && !isAway(error) && (
        <Refusal error={error} onRetry={() => void refetch()} />
      )}
      <div className={classes['columns']}>
        <ProductFacts product={product} />
        <div className={classes['edits']}>
          <PriceForm product={product} />
          <StockForm product={product} />
          <DetailsForm product={product} />
        </div>
      </div>
    </>
  );
}

function Back() {
  return (
    <Anchor component={Link} to="/" size="sm">
      ← Catalogue
    </Anchor>
  );
}

function ProductSkeleton() {
  return (
    <div className={classes['columns']} aria-busy="true" aria-label="Loading">
      <Skeleton height="20rem" />
      <Skeleton height="20rem" />
    </div>
  );
}
