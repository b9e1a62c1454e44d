import { useSubscription } from '@trpc/tanstack-react-query';
import { useEffect, useMemo } from 'react';
import { isAway, wordsOf } from '../service/error-words.ts';
import { useService } from '../service/service-context.ts';
import { useTRPC } from '../service/trpc.ts';
import { ChangeBatch } from './change-batch.ts';
import classes from './live-sign.module.css';
import { restartPauseMs } from './restart-pause.ts';

/** Follows the changes of the catalogue, and says whether it does. */
export function LiveSign() {
  const { queries, newest } = useService();
  const batch = useMemo(() => new ChangeBatch(queries, newest), [queries, newest]);
  const trpc = useTRPC();
  const { status, error, reset } = useSubscription(
    trpc.product.changes.subscriptionOptions(
      {},
      {
        // Nothing was missed: it goes on after the last event. What was asked while nobody answered is asked again.
        onStarted: () =>
          void queries.invalidateQueries({ predicate: ({ state }) => isAway(state.error) }),
        onData: ({ data }) => batch.note(data),
        onError: () => batch.noteEnd(),
        // Whether the service is away, or only this connection, the answers tell; nobody asks for one in vain twice.
        onConnectionStateChange: (connection) => {
          if (connection.state !== 'connecting' || connection.error === null) return;
          void queries.invalidateQueries({}, { cancelRefetch: false });
        },
      },
    ),
  );
  const ended = status === 'error' ? error : null;
  useEffect(() => {
    const pauseMs = restartPauseMs(ended);
    if (pauseMs === undefined) return undefined;
    const timer = setTimeout(reset, pauseMs);
    return () => clearTimeout(timer);
  }, [ended, reset]);
  const reason = ended === null ? undefined : wordsOf(ended).title;
  const sign = status === 'connecting' && error !== null ? 'reconnecting' : status;
  return (
    <span className={classes['sign']} data-sign={sign} role="status" title={reason}>
      {words[sign]}
      {reason !== undefined && <span className="visually-hidden">: {reason}</span>}
    </span>
  );
}

const words = {
  idle: 'not live',
  connecting: 'connecting',
  reconnecting: 'reconnecting',
  pending: 'live',
  error: 'not live',
} as const;
