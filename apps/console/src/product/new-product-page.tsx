import { Button, NumberInput, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { AnswerTag } from '../service/answer-tag.tsx';
import { Refusal } from '../service/refusal.tsx';
import { useAccess } from '../session/use-access.ts';
import { PageHeading } from '../shell/page-heading.tsx';
import { DetailsFields } from './details-fields.tsx';
import classes from './edit-card.module.css';
import { toPrice } from './to-price.ts';
import { useCreate } from './use-create.ts';

const empty = { name: '', sku: '', categoryId: 0, description: '', price: '', stock: 0 };

export function NewProductPage() {
  const [values, setValues] = useState(empty);
  const navigate = useNavigate();
  const reason = useAccess().reasonAgainst('catalog:write');
  const creation = useCreate();
  const price = toPrice(values.price);
  const { name, sku, categoryId } = values;
  const isComplete = price && name.trim() !== '' && sku.trim() !== '' && categoryId > 0;
  const send = () => {
    if (!isComplete || creation.isPending) return;
    creation.mutate(
      { ...values, price },
      {
        onSuccess: ({ id }) => {
          const closeButtonProps = { 'aria-label': 'Close' };
          notifications.show({ message: `${name} is created.`, closeButtonProps });
          void navigate(`/products/${id}`);
        },
      },
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <>
      <PageHeading title="New product" />
      <form
        className={`${classes['card']} ${classes['alone']}`}
        aria-label="New product"
        onSubmit={submit}
      >
        {reason}
        <fieldset disabled={reason !== undefined} className={classes['fields']}>
          <DetailsFields
            details={values}
            onChange={(changed) => setValues({ ...values, ...changed })}
          />
          <TextInput
            label="Price"
            required
            inputMode="decimal"
            autoComplete="off"
            value={values.price}
            error={values.price !== '' && price === undefined && 'As 24.90.'}
            onChange={(event) => setValues({ ...values, price: event.currentTarget.value })}
          />
          <NumberInput
            label="Stock"
            min={0}
            allowDecimal={false}
            allowNegative={false}
            value={values.stock}
            onChange={(stock) => setValues({ ...values, stock: Number(stock) })}
          />
          <div>
            <Button type="submit" loading={creation.isPending} disabled={!isComplete}>
              Create
            </Button>
          </div>
        </fieldset>
        {creation.error && <Refusal error={creation.error} onRetry={send} />}
        {creation.answer && <AnswerTag answer={creation.answer} />}
      </form>
    </>
  );
}
