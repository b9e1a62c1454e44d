import { Text, Title } from '@mantine/core';
import classes from '../operations.module.css';
import { InspectPanel } from './inspect-panel.tsx';
import { ResetPanel } from './reset-panel.tsx';
import { VerifyPanel } from './verify-panel.tsx';
import { WarmPanel } from './warm-panel.tsx';

/** What may be done to the cache; each is safe at any time, beside every read and write. */
export function ByHandSection({ reason }: { readonly reason: string | undefined }) {
  return (
    <section aria-labelledby="by-hand" className={classes['section']}>
      <Title order={2} size="h3" id="by-hand" className={classes['sectionTitle'] ?? ''}>
        The cache by hand
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {reason ?? 'Everything here is safe at any time, beside every read and write.'}
      </Text>
      <div className={classes['grid']}>
        <InspectPanel isAllowed={reason === undefined} />
      </div>
      <div className={classes['threes']}>
        <VerifyPanel isAllowed={reason === undefined} />
        <WarmPanel isAllowed={reason === undefined} />
        <ResetPanel isAllowed={reason === undefined} />
      </div>
    </section>
  );
}

export interface ByHandProps {
  /** Whether the token allows it. */
  readonly isAllowed: boolean;
}
