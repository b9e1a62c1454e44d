import { SegmentedControl, Table } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { CacheSuccess, OperationKind } from './cache-answers.ts';
import type { ChartLine } from './chart-line.ts';
import { LiveChart } from './live-chart.tsx';
import classes from './operations.module.css';
import { Panel } from './panel.tsx';
import { RunbookLink } from './runbook-link.tsx';
import type { LatencyPoint, Point, StatusHistory } from './status-history.ts';
import { rateNumber, timeText } from './texts.ts';

interface LatencyPanelProps {
  readonly kind: OperationKind;
  readonly history: StatusHistory;
}

type Level = 'p50' | 'p99';

/** How long reads or writes take, by the end of their cache step. */
export function LatencyPanel({ kind, history: { points } }: LatencyPanelProps) {
  const [level, setLevel] = useState<Level>('p99');
  const rows = useMemo(() => rowsOf(points, kind, level), [points, kind, level]);
  const { who, runbook } = kinds[kind];
  const title = `${who} ${level}`;
  return (
    <Panel
      title={title}
      description={
        <>
          By the end of the cache step (cache_success): true, false where the cache failed, none
          where it was not asked. {level === 'p50' ? '50' : '1'} % take longer. If it stays high:{' '}
          <RunbookLink name={runbook} />
        </>
      }
      tools={
        <SegmentedControl
          size="xs"
          aria-label={`${who}: which quantile`}
          value={level}
          onChange={(chosen) => setLevel(chosen === 'p50' ? 'p50' : 'p99')}
          data={['p50', 'p99']}
        />
      }
    >
      <LiveChart name={title} lines={lines} rows={rows} text={timeText} />
      <LatencyTable who={who} latencies={points.at(-1)?.latencies ?? []} kind={kind} />
    </Panel>
  );
}

const kinds = {
  read: { who: 'Reads', runbook: 'ReadLatencyBudgetBurn' },
  write: { who: 'Writes', runbook: 'WriteLatencyBudgetBurn' },
} as const;

const successes: readonly CacheSuccess[] = ['true', 'false', 'none'];

const lines: readonly ChartLine[] = [
  { key: 'true', label: 'cache_success true', colour: 'var(--line-true)' },
  { key: 'false', label: 'false', colour: 'var(--line-false)', dash: '3 3' },
  { key: 'none', label: 'none', colour: 'var(--line-none)', dash: '8 4' },
];

function rowsOf(points: readonly Point[], kind: OperationKind, level: Level) {
  return points.map(({ atMs, latencies }) => {
    const of = (success: CacheSuccess) => {
      const found = latencies.find((one) => one.kind === kind && one.cacheSuccess === success);
      return (level === 'p50' ? found?.p50Ms : found?.p99Ms) ?? null;
    };
    return { atMs, values: { true: of('true'), false: of('false'), none: of('none') } };
  });
}

interface LatencyTableProps {
  readonly who: string;
  readonly kind: OperationKind;
  readonly latencies: readonly LatencyPoint[];
}

function LatencyTable({ who, kind, latencies }: LatencyTableProps) {
  return (
    <Table
      fz="sm"
      verticalSpacing={4}
      horizontalSpacing={6}
      withRowBorders={false}
      aria-label={`${who} now`}
      className={classes['numbers'] ?? ''}
    >
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">cache_success</Table.Th>
          <Table.Th scope="col">a second</Table.Th>
          <Table.Th scope="col">p50</Table.Th>
          <Table.Th scope="col">p99</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {successes.map((success) => {
          const found = latencies.find((one) => one.kind === kind && one.cacheSuccess === success);
          return (
            <Table.Tr key={success}>
              <Table.Th scope="row">{success}</Table.Th>
              <Table.Td>{rateNumber(found?.perSecond ?? 0)}</Table.Td>
              <Table.Td>{found ? timeText(found.p50Ms) : '–'}</Table.Td>
              <Table.Td>{found ? timeText(found.p99Ms) : '–'}</Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
