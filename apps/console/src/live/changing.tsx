import { type ReactNode, useState } from 'react';
import classes from './changing.module.css';

interface ChangingProps {
  /** What tells one state of the value from the next. */
  readonly value: string | number;
  readonly children?: ReactNode;
}

/** A value that is marked for a moment whenever it becomes another one. */
export function Changing({ value, children = value }: ChangingProps) {
  const [seen, setSeen] = useState({ value, changes: 0 });
  if (seen.value !== value) setSeen({ value, changes: seen.changes + 1 });
  return (
    <span key={seen.changes} className={seen.changes > 0 ? classes['changed'] : undefined}>
      {children}
    </span>
  );
}
