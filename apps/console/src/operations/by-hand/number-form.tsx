import { Button, NumberInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import classes from '../operations.module.css';

interface NumberFormProps {
  readonly label: string;
  readonly first: number;
  readonly max: number;
  readonly button: string;
  readonly isAllowed: boolean;
  readonly isBusy: boolean;
  /** Beside the button. */
  readonly children?: ReactNode;
  readonly onSubmit: (number: number) => void;
}

/** Asks for how many, from one to as many as the service takes. */
export function NumberForm(props: NumberFormProps) {
  const { label, first, max, button, isAllowed, isBusy, children, onSubmit } = props;
  const [number, setNumber] = useState<number | string>(first);
  // The field itself keeps to the limits only once it is left, and Enter does not leave it.
  const isGood =
    typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= max;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isGood) onSubmit(number);
  };
  return (
    <form onSubmit={submit} className={classes['form']}>
      <NumberInput
        label={label}
        value={number}
        onChange={setNumber}
        min={1}
        max={max}
        allowDecimal={false}
        thousandSeparator=","
        disabled={!isAllowed}
        error={isGood ? undefined : `From 1 to ${max.toLocaleString('en-GB')}.`}
        hideControls
      />
      <Button type="submit" disabled={!isAllowed || !isGood} loading={isBusy}>
        {button}
      </Button>
      {children}
    </form>
  );
}
