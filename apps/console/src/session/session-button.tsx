import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { KeyIcon } from '../shell/icons.tsx';
import { TokenDialog } from './token-dialog.tsx';
import { useAccess } from './use-access.ts';

/** Says who is asking, and opens the dialog where that can be changed. */
export function SessionButton() {
  const [isOpen, { open, close }] = useDisclosure(false);
  const { token, claims } = useAccess();
  const who = token === undefined ? 'No token' : (claims?.subject ?? 'Token');
  return (
    <>
      <Button variant="default" size="sm" px="sm" leftSection={<KeyIcon />} onClick={open}>
        {who}
      </Button>
      <TokenDialog opened={isOpen} onClose={close} />
    </>
  );
}
