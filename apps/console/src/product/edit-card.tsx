import { Button, Group, Text } from '@mantine/core';
import { type FormEvent, type ReactNode, useId, useRef } from 'react';
import { AnswerTag } from '../service/answer-tag.tsx';
import { Refusal } from '../service/refusal.tsx';
import type { Product } from '../service/trpc.ts';
import { useAccess } from '../session/use-access.ts';
import { Conflict, type ConflictRow } from './conflict.tsx';
import classes from './edit-card.module.css';
import type { Draft } from './use-draft.ts';
import type { useWrite } from './use-write.ts';

interface EditCardProps<Input extends { readonly id: number }> {
  readonly title: string;
  /** The product as it is now. */
  readonly product: Product;
  readonly draft: Pick<Draft<object>, 'base' | 'isBegun' | 'clear' | 'rebase' | 'settle'>;
  readonly write: ReturnType<typeof useWrite<Input>>;
  /** The change of a product of this version; undefined while what is typed is none. */
  readonly inputFor: (expectedVersion: number) => Input | undefined;
  readonly conflictRows: readonly ConflictRow[];
  readonly children: ReactNode;
}

/** One kind of change: its fields, what became of it, and the choice where somebody else was faster. */
export function EditCard<Input extends { readonly id: number }>(props: EditCardProps<Input>) {
  const { title, product, draft, write, inputFor, conflictRows, children } = props;
  const id = useId();
  const reason = useAccess().reasonAgainst('catalog:write');
  const input = inputFor(draft.base.version);
  const send = (asked: Input | undefined) => {
    if (asked !== undefined && !write.isPending) write.send(asked, { onSuccess: draft.settle });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(input);
  };
  const keepMine = () => {
    draft.rebase();
    send(inputFor(product.version));
  };
  const clear = () => {
    draft.clear();
    write.reset();
  };
  // The choice goes away with its buttons; who has made it goes on where they typed.
  const fields = useRef<HTMLFieldSetElement>(null);
  const choose = (act: () => void) => {
    fields.current?.querySelector<HTMLElement>('input')?.focus();
    act();
  };
  // Without what the conflict is with there is nothing to choose from, and it is shown as a refusal.
  const isConflict = write.isConflict && product.version !== draft.base.version;
  return (
    <form className={classes['card']} aria-labelledby={id} onSubmit={submit}>
      <h2 id={id}>{title}</h2>
      {reason !== undefined && <Reason text={reason} />}
      <fieldset ref={fields} disabled={reason !== undefined} className={classes['fields']}>
        {children}
      </fieldset>
      {isConflict ? (
        <Conflict
          version={product.version}
          rows={conflictRows}
          isPending={write.isPending}
          onTakeTheirs={() => choose(clear)}
          onKeepMine={() => choose(keepMine)}
        />
      ) : (
        <Group gap="sm">
          <Button
            type="submit"
            loading={write.isPending}
            disabled={reason !== undefined || !draft.isBegun || input === undefined}
          >
            Save
          </Button>
          {draft.isBegun && (
            <Button variant="default" onClick={clear} disabled={write.isPending}>
              Undo
            </Button>
          )}
          <Text size="sm" role="status">
            {write.isSuccess && !draft.isBegun && 'Saved'}
          </Text>
        </Group>
      )}
      {write.error !== null && !isConflict && (
        <Refusal error={write.error} onRetry={() => send(input)} />
      )}
      {write.answer !== undefined && <AnswerTag answer={write.answer} />}
    </form>
  );
}

/** Why nothing can be changed. */
function Reason({ text }: { readonly text: string }) {
  return (
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  );
}
