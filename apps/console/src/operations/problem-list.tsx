import { Alert, Text } from '@mantine/core';
import { useState } from 'react';
import classes from './operations.module.css';
import { problemChanges, severityWords } from './problem-changes.ts';
import type { Problem } from './problems.ts';
import { RunbookLink } from './runbook-link.tsx';

/** What needs somebody. Screen readers are told what comes up and what is over, and not each number. */
export function ProblemList({ problems }: { readonly problems: readonly Problem[] }) {
  return (
    <section aria-label="What needs attention" className={classes['problems']}>
      <ProblemAnnouncer problems={problems} />
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
            <strong>{severityWords[severity]}:</strong> {text} <RunbookLink name={runbook} />
          </Alert>
        ))
      )}
    </section>
  );
}

function ProblemAnnouncer({ problems }: { readonly problems: readonly Problem[] }) {
  const [told, setTold] = useState({ problems, text: '' });
  const text = problemChanges(told.problems, problems);
  if (text !== '') setTold({ problems, text });
  return (
    <div className="visually-hidden" role="status">
      {told.text}
    </div>
  );
}
