import { Alert, Button, Text } from '@mantine/core';
import { wordsOf } from './error-words.ts';

interface RefusalProps {
  readonly error: unknown;
  /** Offers to send the call again. */
  readonly onRetry?: (() => void) | undefined;
}

/** Why a call failed, and what to do about it. */
export function Refusal({ error, onRetry }: RefusalProps) {
  const { code, title, advice } = wordsOf(error);
  return (
    <Alert color="red" variant="light" role="alert" title={title} my="md">
      <Text size="sm">{advice}</Text>
      {code !== undefined && (
        <Text size="xs" ff="monospace" mt={4}>
          {code}
        </Text>
      )}
      {onRetry && (
        <Button mt="sm" size="xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}
