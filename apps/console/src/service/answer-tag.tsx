import { CopyButton, Text } from '@mantine/core';
import type { Answer } from '@throughline/client';
import classes from './answer-tag.module.css';

/** Where an answer came from, how long it took, and its trace: nothing before there is one. */
export function AnswerTag({ answer }: { readonly answer: Answer | undefined }) {
  if (answer === undefined) return <div className={classes['tag']} />;
  const { path, cache, durationMs, traceId, serverTiming } = answer;
  return (
    <div className={classes['tag']} role="group" aria-label={`Answer to ${path}`}>
      <Text span inherit ff="monospace">
        {path}
      </Text>
      <span
        className={classes['word']}
        data-cache={cache ?? 'untold'}
        title={meanings[cache ?? 'untold']}
      >
        {cache ?? 'not told'}
      </span>
      <span title={serverTimingText(serverTiming)}>{millisecondsText(durationMs)}</span>
      {traceId === undefined ? (
        <span title="The service makes no spans: see docs/tracing.md">not traced</span>
      ) : (
        <TraceButton traceId={traceId} />
      )}
    </div>
  );
}

function TraceButton({ traceId }: { readonly traceId: string }) {
  return (
    <CopyButton value={traceId}>
      {({ copied, copy }) => (
        <button
          type="button"
          className={classes['trace']}
          onClick={copy}
          title={`Copy the trace id ${traceId}`}
        >
          {copied ? 'copied' : `trace ${traceId.slice(0, 8)}…`}
        </button>
      )}
    </CopyButton>
  );
}

const meanings: Record<NonNullable<Answer['cache']> | 'untold', string> = {
  hit: 'Answered from Redis',
  miss: 'Answered from PostgreSQL: not in Redis, or being written at that moment',
  bypass: 'Answered from PostgreSQL: Redis is away or cannot be trusted',
  none: 'Nothing to do with a cached read',
  untold: 'The answer does not say where it came from',
};

function millisecondsText(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

function serverTimingText({ cacheMs, dbMs }: Answer['serverTiming']): string {
  const parts = [
    cacheMs === undefined ? [] : [`${cacheMs.toFixed(2)} ms for Redis`],
    dbMs === undefined ? [] : [`${dbMs.toFixed(2)} ms for PostgreSQL`],
  ].flat();
  return parts.length === 0 ? 'As this page waited' : `Of these, ${parts.join(' and ')}`;
}
