import { Badge, Button, Group, List, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { claimsOf } from './token-claims.ts';
import { tokenStore } from './token-store.ts';
import { type Scope, useAccess } from './use-access.ts';

interface TokenDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Shows what the token of this tab says, takes another one, or forgets it. */
export function TokenDialog({ opened, onClose }: TokenDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Token"
      centered
      // Locking would write a style into the page, which its policy forbids.
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <TokenClaimsView />
        <TokenForm onDone={onClose} />
      </Stack>
    </Modal>
  );
}

function TokenClaimsView() {
  const { token, claims, reasonAgainst } = useAccess();
  if (token === undefined) {
    return (
      <Text>
        Without a token you can look at the catalogue, if the service lets everybody read. `npm
        start` prints an address that carries one.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Text>
        Of {claims?.subject ?? 'nobody who is named'}, until{' '}
        {claims?.expiresAt?.toLocaleString() ?? 'an unknown time'}.
      </Text>
      <List spacing={4} listStyleType="none" aria-label="Scopes">
        {scopes.map(({ scope, allows }) => {
          const isAllowed = reasonAgainst(scope) === undefined;
          return (
            <List.Item key={scope}>
              <Badge color={isAllowed ? 'brand' : 'gray'} variant="light" tt="none" mr="xs">
                {isAllowed ? 'allowed' : 'not allowed'}
              </Badge>
              <Text span size="sm">
                {scope}: {allows}
              </Text>
            </List.Item>
          );
        })}
      </List>
    </Stack>
  );
}

const scopes: readonly { readonly scope: Scope; readonly allows: string }[] = [
  { scope: 'catalog:read', allows: 'see products' },
  { scope: 'catalog:write', allows: 'change products' },
  { scope: 'cache:admin', allows: 'look after the cache' },
];

function TokenForm({ onDone }: { readonly onDone: () => void }) {
  const { token } = useAccess();
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = text.trim();
    if (claimsOf(given) === null)
      return setError('This is no token: three parts with dots between.');
    tokenStore.write(given);
    onDone();
  };
  const forget = () => {
    tokenStore.write(undefined);
    onDone();
  };
  return (
    <form onSubmit={submit}>
      <PasswordInput
        label={token === undefined ? 'A token' : 'Another token'}
        description="Kept in this tab until it is closed."
        autoComplete="off"
        data-autofocus
        value={text}
        error={error}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group mt="md" justify="flex-end">
        {token !== undefined && (
          <Button variant="default" onClick={forget}>
            Forget the token
          </Button>
        )}
        <Button type="submit">Use it</Button>
      </Group>
    </form>
  );
}
