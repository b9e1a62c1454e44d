import { Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import type { ReadOutcome } from './cache-answers.ts';
import type { ChartLine } from './chart-line.ts';
import { LiveChart } from './live-chart.tsx';
import classes from './operations.module.css';
import { Panel } from './panel.tsx';
import { RunbookLink } from './runbook-link.tsx';
import type { StatusHistory } from './status-history.ts';
import { percentText, rateNumber, shareText } from './texts.ts';

/** Whether the cache pays at the moment. */
export function HitRatioPanel({ history }: { readonly history: StatusHistory }) {
  const { points, status } = history;
  const rows = useMemo(
    () => points.map(({ atMs, hitRatio }) => ({ atMs, values: { hitRatio } })),
    [points],
  );
  const latest = points.at(-1);
  const now = latest?.hitRatio ?? null;
  return (
    <Panel
      title="Hit ratio"
      description={
        <>
          Share of the reads that an entry answered, one that says “absent” among them. Each point
          is about the ten seconds before it. If it has dropped:{' '}
          <RunbookLink name="CacheHitRatioDropped" />
        </>
      }
      tools={
        <Text className={classes['figureNow'] ?? ''} data-testid="hit-ratio-now">
          {now === null ? 'no reads' : shareText(now)}
        </Text>
      }
      isWide
    >
      <LiveChart
        name="Hit ratio"
        lines={lines}
        rows={rows}
        text={shareText}
        tickText={percentText}
        max={1}
      />
      <ReadsByResult reads={latest?.readsPerSecond ?? null} />
      <Text size="sm" c="dimmed" mt="xs">
        Since the process began:{' '}
        {status.hitRatio === null ? 'no reads' : shareText(status.hitRatio)}.
      </Text>
    </Panel>
  );
}

const lines: readonly ChartLine[] = [
  { key: 'hitRatio', label: 'Hit ratio', colour: 'var(--line-true)' },
];

function ReadsByResult({ reads }: { readonly reads: Record<ReadOutcome, number> | null }) {
  return (
    <>
      <Title order={4} size="h6">
        Reads by result, a second
      </Title>
      <dl className={classes['counts']}>
        {outcomes.map((outcome) => (
          <div key={outcome}>
            <dt>{outcome}</dt>
            <dd className={classes['count']}>
              {reads === null ? '–' : rateNumber(reads[outcome])}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

const outcomes = ['hit', 'negative', 'miss', 'pending', 'bypass', 'error'] as const;
