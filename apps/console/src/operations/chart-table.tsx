import { Table } from '@mantine/core';
import { useState } from 'react';
import type { ChartLine, ChartRow } from './chart-line.ts';
import classes from './operations.module.css';
import { clockText } from './texts.ts';

interface ChartTableProps {
  readonly name: string;
  readonly lines: readonly ChartLine[];
  readonly rows: readonly ChartRow[];
  readonly text: (value: number) => string;
}

/** What a chart shows, in numbers, the latest first. */
export function ChartTable({ name, lines, rows, text }: ChartTableProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      className={classes['details']}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary>{name} as a table</summary>
      {isOpen && (
        <div className={classes['scroll']} tabIndex={0} role="region" aria-label={`${name}, table`}>
          <Table withRowBorders verticalSpacing={4} fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Time</Table.Th>
                {lines.map(({ key, label }) => (
                  <Table.Th key={key} scope="col">
                    {label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {fewOf(rows).map(({ atMs, values }) => (
                <Table.Tr key={atMs}>
                  <Table.Th scope="row">{clockText(atMs)}</Table.Th>
                  {lines.map(({ key }) => (
                    <Table.Td key={key}>{cellText(values[key] ?? null, text)}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </details>
  );
}

/** Each point tells of ten seconds, so that of all points every tenth says everything. */
function fewOf(rows: readonly ChartRow[]): ChartRow[] {
  const few: ChartRow[] = [];
  for (const row of rows.toReversed()) {
    const last = few.at(-1);
    if (last === undefined || last.atMs - row.atMs >= 10_000) few.push(row);
  }
  return few;
}

function cellText(value: number | null, text: (value: number) => string): string {
  return value === null ? 'none' : text(value);
}
