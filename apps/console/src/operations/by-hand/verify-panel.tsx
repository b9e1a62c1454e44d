import { Anchor, Table, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import { Refusal } from '../../service/refusal.tsx';
import { useTRPC } from '../../service/trpc.ts';
import type { Verification } from '../cache-answers.ts';
import classes from '../operations.module.css';
import { Panel } from '../panel.tsx';
import { RunbookLink } from '../runbook-link.tsx';
import { countText } from '../texts.ts';
import type { ByHandProps } from './by-hand-section.tsx';
import { NumberForm } from './number-form.tsx';

/** Compares entries with their rows. */
export function VerifyPanel({ isAllowed }: ByHandProps) {
  const trpc = useTRPC();
  const { mutate, data, error, isPending } = useMutation(trpc.cache.verify.mutationOptions());
  return (
    <Panel
      title="Verify"
      description="Compares entries with their rows: half of them the most viewed products, the rest drawn at random."
    >
      <NumberForm
        label="Sample"
        first={200}
        max={1_000}
        button="Verify"
        isAllowed={isAllowed}
        isBusy={isPending}
        onSubmit={(sample) => mutate({ sample })}
      />
      <div role="status">{data && <VerificationView verification={data} />}</div>
      {error && <Refusal error={error} />}
    </Panel>
  );
}

function VerificationView({ verification }: { readonly verification: Verification }) {
  const { sample, different, differences } = verification;
  return (
    <>
      <Text size="sm" mt="sm" fw={600}>
        {different === 0
          ? `No entry among ${countText(sample)} contradicts the database.`
          : `${countText(different)} of ${countText(sample)} entries contradict the database. `}
        {different > 0 && <RunbookLink name="CacheStaleReadDetected" />}
      </Text>
      <dl className={classes['counts']}>
        {meanings.map(({ word, meaning }) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd className={classes['count']}>{countText(verification[word])}</dd>
            <dd className={classes['note']}>{meaning}</dd>
          </div>
        ))}
      </dl>
      {differences.length > 0 && <Differences differences={differences} />}
    </>
  );
}

const meanings = [
  { word: 'same', meaning: 'The entry holds what the database holds.' },
  { word: 'different', meaning: 'It does not: readers got a wrong answer.' },
  { word: 'absent', meaning: 'There is no entry; its next reader fills it.' },
  { word: 'unjudged', meaning: 'Being written, or the cache is not used.' },
] as const;

function Differences({ differences }: Pick<Verification, 'differences'>) {
  return (
    <Table fz="sm" mt="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Key</Table.Th>
          <Table.Th scope="col">Verdict</Table.Th>
          <Table.Th scope="col">Cached</Table.Th>
          <Table.Th scope="col">Stored</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {differences.map(({ key, verdict, cachedVersion, storedVersion }) => (
          <Table.Tr key={key}>
            <Table.Th scope="row">
              <Anchor component={Link} to={`?key=${encodeURIComponent(key)}`} underline="always">
                {key}
              </Anchor>
            </Table.Th>
            <Table.Td>{verdict}</Table.Td>
            <Table.Td>{cachedVersion ?? 'none'}</Table.Td>
            <Table.Td>{storedVersion ?? 'none'}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
