import { Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './operations.module.css';

interface PanelProps {
  readonly title: string;
  /** What the numbers mean. */
  readonly description?: ReactNode;
  /** Beside the title. */
  readonly tools?: ReactNode;
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

/** A part of the page under a heading of its own. */
export function Panel({ title, description, tools, isWide = false, children }: PanelProps) {
  const headingId = useId();
  return (
    <section className={classes['panel']} data-wide={isWide} aria-labelledby={headingId}>
      <div className={classes['panelHead']}>
        <Title order={3} size="h5" id={headingId}>
          {title}
        </Title>
        {tools}
      </div>
      {description !== undefined && (
        <Text size="sm" c="dimmed" mb="sm">
          {description}
        </Text>
      )}
      {children}
    </section>
  );
}
