import { Button, Group, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';

interface ConfirmButtonProps {
  /** What it does, on the button that opens the dialog and on the one that does it. */
  readonly label: string;
  readonly title: string;
  /** What it costs. */
  readonly children: ReactNode;
  readonly disabled: boolean;
  readonly isBusy: boolean;
  readonly onConfirm: () => void;
}

/** A button for what everybody who calls the service will notice: it says what that is, and asks. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { label, title, children, disabled, isBusy, onConfirm } = props;
  const [isOpen, { open, close }] = useDisclosure(false);
  const confirm = () => {
    close();
    onConfirm();
  };
  return (
    <>
      <Button variant="outline" color="red" disabled={disabled} loading={isBusy} onClick={open}>
        {label}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={title}
        centered
        // Locking would write a style into the page, which its policy forbids.
        lockScroll={false}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Text size="sm">{children}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close} data-autofocus>
            Leave it
          </Button>
          <Button color="red" onClick={confirm}>
            {label}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
