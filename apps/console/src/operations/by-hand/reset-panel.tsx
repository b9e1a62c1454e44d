import { Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Refusal } from '../../service/refusal.tsx';
import { useTRPC } from '../../service/trpc.ts';
import { Panel } from '../panel.tsx';
import type { ByHandProps } from './by-hand-section.tsx';
import { ConfirmButton } from './confirm-button.tsx';

/** Ends the epoch. */
export function ResetPanel({ isAllowed }: ByHandProps) {
  const trpc = useTRPC();
  const { mutate, data, error, isPending } = useMutation(trpc.cache.reset.mutationOptions());
  return (
    <Panel
      title="Reset the cache"
      description="Has everything read anew: after a restore, after keys were deleted in Redis, after rows were changed without triggers."
    >
      <ConfirmButton
        label="Reset"
        title="Reset the cache?"
        disabled={!isAllowed}
        isBusy={isPending}
        onConfirm={() => mutate()}
      >
        The epoch ends for all processes. Writes wait and reads come from PostgreSQL for about a
        second, and reads go on coming from there until the entries are filled again. Warm the cache
        afterwards.
      </ConfirmButton>
      <div role="status">
        {data && (
          <Text size="sm" mt="sm">
            Epoch {data.epoch} has begun, and it is empty.
          </Text>
        )}
      </div>
      {error && <Refusal error={error} />}
    </Panel>
  );
}
