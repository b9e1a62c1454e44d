import { Button, Group, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Refusal } from '../service/refusal.tsx';
import { useService } from '../service/service-context.ts';
import { type Product, useTRPC } from '../service/trpc.ts';
import { useAccess } from '../session/use-access.ts';
import { RepeatableChange } from './repeatable-change.ts';

/** Deletes the version that was asked about; another one has to be asked about again. */
export function DeleteButton({ product }: { readonly product: Product }) {
  const reason = useAccess().reasonAgainst('catalog:write');
  const [asked, setAsked] = useState(product);
  const [isOpen, { open, close }] = useDisclosure(false);
  const ask = () => {
    setAsked(product);
    open();
  };
  return (
    <>
      <Button
        color="red"
        variant="outline"
        disabled={reason !== undefined}
        title={reason}
        onClick={ask}
      >
        Delete
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title="Delete this product?"
        centered
        lockScroll={false}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Confirmation asked={asked} latest={product} onAskAgain={ask} onClose={close} />
      </Modal>
    </>
  );
}

interface DeleteInput {
  readonly id: number;
  readonly expectedVersion: number;
}

interface ConfirmationProps {
  readonly asked: Product;
  readonly latest: Product;
  readonly onAskAgain: () => void;
  readonly onClose: () => void;
}

function Confirmation({ asked, latest, onAskAgain, onClose }: ConfirmationProps) {
  const { client, queries } = useService();
  const trpc = useTRPC();
  const navigate = useNavigate();
  const queryKey = trpc.product.byId.queryKey({ id: asked.id });
  const [change] = useState(() => new RepeatableChange<DeleteInput>());
  const deletion = useMutation({
    mutationFn: async (input: DeleteInput) =>
      change.send(input, async (sent, options) => client.product.delete.mutate(sent, options)),
    onSuccess: async () => {
      notifications.show({
        message: `${asked.name} is deleted.`,
        closeButtonProps: { 'aria-label': 'Close' },
      });
      await navigate('/');
      queries.removeQueries({ queryKey });
      await queries.invalidateQueries({ queryKey: trpc.product.pathKey() });
    },
    // It may be another version by now, or gone.
    onError: () => void queries.invalidateQueries({ queryKey }),
  });
  const askAgain = () => {
    deletion.reset();
    onAskAgain();
  };
  const isChanged = latest.version !== asked.version && !deletion.isPending;
  return (
    <>
      <Text>
        {asked.name}, {asked.sku}, version {asked.version}. It cannot be brought back.
      </Text>
      {isChanged && (
        <Text mt="sm" fw={600} role="status">
          Somebody has changed this product to version {latest.version} meanwhile: {latest.name},
          price {latest.price}, stock {latest.stock}.
        </Text>
      )}
      {deletion.error && !isChanged && <Refusal error={deletion.error} />}
      <Group mt="md" justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it
        </Button>
        {isChanged ? (
          <Button color="red" variant="outline" onClick={askAgain}>
            Look at version {latest.version}
          </Button>
        ) : (
          <Button
            color="red"
            loading={deletion.isPending}
            onClick={() => deletion.mutate({ id: asked.id, expectedVersion: asked.version })}
          >
            Delete
          </Button>
        )}
      </Group>
    </>
  );
}
