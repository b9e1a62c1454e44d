import { Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import type { CacheStatus } from './cache-answers.ts';
import { modeWords } from './mode-words.ts';
import classes from './operations.module.css';
import { countText, rateText, shareText, timeText } from './texts.ts';

/** The state of the cache in numbers, each under the name that it has on the dashboards. */
export function StateTiles({ status }: { readonly status: CacheStatus }) {
  return (
    <dl className={classes['tiles']}>
      <ModeTile status={status} />
      <TrustTile status={status} />
      <PendingTile status={status} />
      <OutboxTile status={status} />
      <AuditTile status={status} />
      <LoadTile status={status} />
      <WarmUpTile status={status} />
    </dl>
  );
}

interface StatusProps {
  readonly status: CacheStatus;
}

function ModeTile({ status }: StatusProps) {
  const { mode, epoch, trusted } = status;
  return (
    <Tile
      name="Mode of the cache"
      value={mode}
      note={`${modeWords(status)} Epoch ${countText(epoch)}.`}
      level={mode === 'active' && trusted ? 'well' : 'odd'}
      isWide
    />
  );
}

function TrustTile({ status: { trusted, leaseLeftMs, storeReachable } }: StatusProps) {
  return (
    <Tile
      name="Trust lease left"
      value={timeText(leaseLeftMs)}
      note={`Entries are ${trusted ? '' : 'not '}trusted. Redis ${storeReachable ? 'can' : 'cannot'} be used.`}
      level={trusted && storeReachable ? 'well' : 'odd'}
    />
  );
}

function PendingTile({ status }: StatusProps) {
  const { pendingEntries, oldestPendingMs, pendingWrites } = status;
  const oldest = oldestPendingMs ? `the oldest for ${timeText(oldestPendingMs)}` : 'none waits';
  return (
    <Tile
      name="Pending entries"
      value={pendingEntries === null ? 'not yet known' : countText(pendingEntries)}
      note={`Of all processes, ${oldest}. Pending writes of this one: ${countText(pendingWrites)}.`}
      level={(oldestPendingMs ?? 0) > 60_000 ? 'odd' : 'well'}
    />
  );
}

function OutboxTile({ status: { outbox } }: StatusProps) {
  const age =
    outbox === null || outbox.rows === 0
      ? 'Made past the service, by psql or another program.'
      : `Made past the service; the oldest is ${timeText(outbox.lagSeconds * 1000)} old.`;
  return (
    <Tile
      name="Changes that wait"
      value={outbox === null ? 'not yet known' : countText(outbox.rows)}
      note={age}
      level={(outbox?.lagSeconds ?? 0) > 30 ? 'odd' : 'well'}
    />
  );
}

function AuditTile({ status: { audit } }: StatusProps) {
  const { judged, violations, violationRatioBound } = audit;
  const bound =
    violationRatioBound === null
      ? ''
      : ` At most ${shareText(Math.min(1, violationRatioBound))} is wrong, 95 % sure.`;
  return (
    <Tile
      name="Wrong entries found"
      value={countText(violations)}
      note={`The auditor judged ${countText(judged)}.${bound}`}
      level={violations > 0 ? 'bad' : 'well'}
    />
  );
}

function LoadTile({ status: { loadsRunning, loadsWaiting } }: StatusProps) {
  return (
    <Tile
      name="Loads from PostgreSQL"
      value={`${countText(loadsRunning)} of 8`}
      note={`Statements that fetch what the cache did not have. ${countText(loadsWaiting)} records wait.`}
      level={loadsWaiting > 0 ? 'odd' : 'well'}
    />
  );
}

function WarmUpTile({ status: { warmUp } }: StatusProps) {
  const { state, loaded, total, perSecond } = warmUp;
  const isRunning = state === 'running' || state === 'paused';
  const rate = perSecond > 0 ? `, ${rateText(perSecond)}` : '';
  return (
    <Tile
      name="Warm-up"
      value={state}
      note={
        <>
          {state === 'idle'
            ? 'None has begun in this process.'
            : `${countText(loaded)} of ${countText(total)} entries loaded${rate}.`}
          {isRunning && (
            <Progress
              value={total === 0 ? 0 : (loaded / total) * 100}
              mt={6}
              aria-label="Warm-up"
              transitionDuration={200}
            />
          )}
        </>
      }
      level={state === 'incomplete' || state === 'paused' ? 'odd' : 'well'}
    />
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly note: ReactNode;
  /** Shown by the colour of an edge; the words say it, too. */
  readonly level: 'well' | 'odd' | 'bad';
  readonly isWide?: boolean;
}

function Tile({ name, value, note, level, isWide = false }: TileProps) {
  return (
    <div className={classes['tile']} data-level={level} data-wide={isWide}>
      <dt>{name}</dt>
      <dd className={classes['value']}>{value}</dd>
      <dd className={classes['note']}>{note}</dd>
    </div>
  );
}
