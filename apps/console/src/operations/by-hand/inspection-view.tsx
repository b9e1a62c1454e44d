import { Badge, Code, Table, Text } from '@mantine/core';
import type { Inspection } from '../cache-answers.ts';
import classes from '../operations.module.css';
import { clockText, countText } from '../texts.ts';
import { comparedFields } from './compared-fields.ts';
import { entryWords } from './entry-words.ts';

interface InspectionViewProps {
  readonly inspection: Inspection;
  /** When it was told. */
  readonly atMs: number;
}

/** An entry and its row, field beside field. */
export function InspectionView({ inspection, atMs }: InspectionViewProps) {
  const { key, epoch, entry, row } = inspection;
  const value = entry.state === 'value' ? entry.value : null;
  const fields = comparedFields(value, row);
  return (
    <div className={classes['inspection']}>
      <Text size="sm">
        <Text span inherit ff="monospace" fw={600}>
          {key}
        </Text>{' '}
        <Badge
          component="span"
          variant="light"
          color={entry.state === 'value' ? 'brand' : 'gray'}
          tt="none"
        >
          {entry.state}
        </Badge>{' '}
        {epoch !== null && `in epoch ${countText(epoch)}, `}as of {clockText(atMs)}.{' '}
        {entryWords(entry)}
      </Text>
      <div className={classes['scroll']} tabIndex={0} role="region" aria-label={`${key}, compared`}>
        <Table fz="sm" verticalSpacing={6} className={classes['comparison'] ?? ''}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Field</Table.Th>
              <Table.Th scope="col">In the cache</Table.Th>
              <Table.Th scope="col">In the database</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {fields.map(({ name, cached, stored, isDifferent }) => (
              <Table.Tr key={name} data-different={isDifferent}>
                <Table.Th scope="row">{name}</Table.Th>
                <Table.Td>
                  <Value text={cached} />
                </Table.Td>
                <Table.Td>
                  <Value text={isRepeated(cached, stored) ? 'the same' : stored} />
                  {isDifferent && <Text size="xs">differs</Text>}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {fields.some(({ isDifferent }) => isDifferent) && (
        <Text size="sm">
          A row that is newer may be a write that has just ended: inspect it again.
        </Text>
      )}
    </div>
  );
}

/** What is long is not shown twice. */
function isRepeated(cached: string | null, stored: string | null): boolean {
  return stored !== null && stored === cached && (stored.length > 80 || stored.includes('\n'));
}

function Value({ text }: { readonly text: string | null }) {
  if (text === null) {
    return (
      <Text span size="sm" c="dimmed">
        nothing
      </Text>
    );
  }
  const shown = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return text.includes('\n') ? (
    <Code block>{shown}</Code>
  ) : (
    <span className={classes['plainValue']}>{shown}</span>
  );
}

/** Images may be texts of many thousand characters. */
const lengthMax = 600;
