import { Alert, Text } from '@mantine/core';
import classes from './operations.module.css';
import type { Problem } from './problems.ts';
import { RunbookLink } from './runbook-link.tsx';

/** What needs somebody, told to screen readers as it comes up. */
export function ProblemList({ problems }: { readonly problems: readonly Problem[] }) {
  return (
    <div role="status" aria-label="What needs attention" className={classes['problems']}>
      {problems.length === 0 ? (
        <Text size="sm" className={classes['well']}>
          Nothing needs attention.
        </Text>
      ) : (
        problems.map(({ runbook, severity, text }) => (
          <Alert
            key={runbook}
            color={severity === 'critical' ? 'red' : 'yellow'}
            variant="light"
            role="presentation"
            p="sm"
          >
            <strong>{severity === 'critical' ? 'Critical' : 'Warning'}:</strong> {text}{' '}
            <RunbookLink name={runbook} />
          </Alert>
        ))
      )}
    </div>
  );
}
