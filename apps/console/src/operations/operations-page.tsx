import { Skeleton, Title } from '@mantine/core';
import { Refusal } from '../service/refusal.tsx';
import { useAccess } from '../session/use-access.ts';
import { PageHeading } from '../shell/page-heading.tsx';
import { AccessNeeded } from './access-needed.tsx';
import { ByHandSection } from './by-hand/by-hand-section.tsx';
import { HitRatioPanel } from './hit-ratio-panel.tsx';
import { HotKeysPanel } from './hot-keys-panel.tsx';
import { LatencyPanel } from './latency-panel.tsx';
import { isOld, LivenessLine } from './liveness-line.tsx';
import classes from './operations.module.css';
import { ProblemList } from './problem-list.tsx';
import { problemsOf } from './problems.ts';
import { StateTiles } from './state-tiles.tsx';
import type { StatusHistory } from './status-history.ts';
import { useNow } from './use-now.ts';
import { useStatusHistory } from './use-status-history.ts';

/** What the cache of this service does at the moment, and what can be done about it. */
export function OperationsPage() {
  const reason = useAccess().reasonAgainst('cache:admin');
  return (
    <div className={classes['page']}>
      <PageHeading title="Operations" />
      {reason === undefined ? <LiveState /> : <AccessNeeded reason={reason} />}
      <ByHandSection reason={reason} />
    </div>
  );
}

function LiveState() {
  const { data: history, error } = useStatusHistory();
  if (history !== undefined) {
    return (
      <>
        {error && <Refusal error={error} />}
        <StateOf history={history} />
      </>
    );
  }
  return error ? <Refusal error={error} /> : <Loading />;
}

function StateOf({ history }: { readonly history: StatusHistory }) {
  const nowMs = useNow();
  const { status, points } = history;
  return (
    <>
      <LivenessLine history={history} nowMs={nowMs} />
      <div className={classes['state']} data-old={isOld(history, nowMs)}>
        <ProblemList problems={problemsOf(status, points.at(-1))} />
        <StateTiles status={status} />
        <section aria-labelledby="last-minutes" className={classes['section']}>
          <Title order={2} size="h3" id="last-minutes" className={classes['sectionTitle'] ?? ''}>
            The last minutes
          </Title>
          <div className={classes['grid']}>
            <HitRatioPanel history={history} />
            <LatencyPanel kind="read" history={history} />
            <LatencyPanel kind="write" history={history} />
            <HotKeysPanel hotKeys={status.hotKeys} />
          </div>
        </section>
      </div>
    </>
  );
}

function Loading() {
  return (
    <div aria-busy="true" aria-label="The state of the cache is being asked for" role="status">
      <div className={classes['tiles']}>
        {['mode', 'trust', 'pending', 'outbox', 'audit', 'loads'].map((tile) => (
          <Skeleton key={tile} height={110} />
        ))}
      </div>
    </div>
  );
}
