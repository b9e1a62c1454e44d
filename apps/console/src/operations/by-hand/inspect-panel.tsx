import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import { Refusal } from '../../service/refusal.tsx';
import { useTRPC } from '../../service/trpc.ts';
import classes from '../operations.module.css';
import { Panel } from '../panel.tsx';
import type { ByHandProps } from './by-hand-section.tsx';
import { ConfirmButton } from './confirm-button.tsx';
import { InspectionView } from './inspection-view.tsx';
import { invalidationWords } from './entry-words.ts';

/** One entry beside its row. Which one stands in the address, so that other pages can lead here. */
export function InspectPanel({ isAllowed }: ByHandProps) {
  const [search, setSearch] = useSearchParams();
  const key = search.get('key') ?? '';
  const trpc = useTRPC();
  const inspection = useQuery(
    trpc.cache.inspect.queryOptions({ key }, { enabled: isAllowed && key !== '', staleTime: 0 }),
  );
  const invalidation = useMutation(
    trpc.cache.invalidate.mutationOptions({ onSettled: async () => inspection.refetch() }),
  );
  // What became of one entry says nothing of another, which a link may have led to meanwhile.
  const invalidated = invalidation.variables?.key === key ? invalidation : undefined;
  const inspect = (next: string) => {
    invalidation.reset();
    if (next === key) void inspection.refetch();
    else setSearch({ key: next }, { preventScrollReset: true });
  };
  return (
    <Panel
      title="Inspect an entry"
      description="Shows what stands in the cache, beside what the database holds. Changes nothing."
      isWide
    >
      <KeyForm
        current={key}
        isAllowed={isAllowed}
        isBusy={inspection.isFetching}
        onInspect={inspect}
      />
      <div role="status">
        {inspection.data && !inspection.error && (
          <InspectionView inspection={inspection.data} atMs={inspection.dataUpdatedAt} />
        )}
      </div>
      {inspection.error && <Refusal error={inspection.error} />}
      {inspection.data && (
        <div className={classes['form']}>
          <ConfirmButton
            label="Invalidate"
            title={`Invalidate ${inspection.data.key}?`}
            disabled={!isAllowed}
            isBusy={invalidation.isPending}
            onConfirm={() => invalidation.mutate({ key: inspection.data.key })}
          >
            The entry is dropped for all processes. Its next reader waits for PostgreSQL and fills
            it anew; nobody gets a wrong answer meanwhile. Dropping a category drops all pages of
            it.
          </ConfirmButton>
          <span role="status" className={classes['outcome']}>
            {invalidated?.data && invalidationWords[invalidated.data.outcome]}
          </span>
        </div>
      )}
      {invalidated?.error && <Refusal error={invalidated.error} />}
    </Panel>
  );
}

interface KeyFormProps {
  readonly current: string;
  readonly isAllowed: boolean;
  readonly isBusy: boolean;
  readonly onInspect: (key: string) => void;
}

function KeyForm({ current, isAllowed, isBusy, onInspect }: KeyFormProps) {
  const [key, setKey] = useState(current);
  // Another one may come by the address.
  useEffect(() => setKey(current), [current]);
  const isGood = key === '' || /^(product|category):[1-9]\d{0,9}$|^categories:all$/.test(key);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isGood && key !== '') onInspect(key);
  };
  return (
    <form onSubmit={submit} className={classes['form']}>
      <TextInput
        label="Key"
        description="product:<id>, category:<id> (which pages of the category there are) or categories:all"
        placeholder="product:42"
        value={key}
        onChange={(event) => setKey(event.currentTarget.value.trim())}
        error={isGood ? undefined : 'Must be product:<id>, category:<id> or categories:all.'}
        disabled={!isAllowed}
        autoComplete="off"
        spellCheck={false}
        className={classes['keyInput'] ?? ''}
      />
      <Button type="submit" disabled={!isAllowed || !isGood || key === ''} loading={isBusy}>
        Inspect
      </Button>
    </form>
  );
}
