import { Button, Code, Container, Text, Title } from '@mantine/core';
import { useRouteError } from 'react-router';

/** In place of everything, where a fault of the console or a file that is gone after a release leaves nothing to show. */
export function CrashPage() {
  const err = useRouteError();
  return (
    <Container component="main" size="sm" py="xl">
      <Title order={1}>This page cannot go on</Title>
      <Text my="md">
        The fault is in the console, or the service was replaced by another release meanwhile. What
        you have saved is saved.
      </Text>
      <Code block mb="md">
        {err instanceof Error ? err.message : String(err)}
      </Code>
      <Button onClick={() => location.reload()}>Load the page anew</Button>
    </Container>
  );
}
