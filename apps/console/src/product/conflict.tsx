import { Button, Group } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';
import classes from './conflict.module.css';

export interface ConflictRow {
  readonly label: string;
  readonly mine: string;
  readonly theirs: string;
}

interface ConflictProps {
  /** Of the product as it is now. */
  readonly version: number;
  readonly rows: readonly ConflictRow[];
  readonly isPending: boolean;
  readonly onKeepMine: () => void;
  readonly onTakeTheirs: () => void;
}

/** Somebody was faster: both values, and the choice between them. Nothing was changed, and nothing that was typed is lost. */
export function Conflict({ version, rows, isPending, onKeepMine, onTakeTheirs }: ConflictProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className={classes['conflict']} aria-labelledby={id}>
      <h3 id={id} ref={heading} tabIndex={-1}>
        Somebody has changed this product to version {version} meanwhile
      </h3>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">Yours</th>
            <th scope="col">Theirs</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, mine, theirs }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{mine}</td>
              <td>{theirs}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Group gap="xs">
        <Button px="sm" loading={isPending} onClick={onKeepMine}>
          Keep mine
        </Button>
        <Button px="sm" variant="default" disabled={isPending} onClick={onTakeTheirs}>
          Take theirs
        </Button>
      </Group>
    </section>
  );
}
