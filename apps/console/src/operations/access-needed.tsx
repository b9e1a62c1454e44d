import { Alert, Button, List, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { TokenDialog } from '../session/token-dialog.tsx';

/** In place of the state of the cache, for whoever may not see it: what there would be, and what it takes. */
export function AccessNeeded({ reason }: { readonly reason: string }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <Alert mb="xl" variant="light" color="yellow" title="You may not see the state of the cache">
      <Text size="sm">{reason} It lets you see and do what is on this page:</Text>
      <List size="sm" my="sm">
        <List.Item>
          mode and epoch of the cache, trust lease, pending entries, changes that wait, audits
        </List.Item>
        <List.Item>hit ratio and latencies of the last minutes, and the most read keys</List.Item>
        <List.Item>inspect and invalidate entries, verify, warm and reset the cache</List.Item>
      </List>
      <Text size="sm" mb="sm">
        How to make such a token: docs/operations.md, “Look here first”.
      </Text>
      <Button variant="default" onClick={open}>
        Give a token
      </Button>
      <TokenDialog opened={isOpen} onClose={close} />
    </Alert>
  );
}
