import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { PageHeading } from './page-heading.tsx';

export function NotFoundPage() {
  return (
    <>
      <PageHeading title="There is no such page" />
      <Text>
        Go to the{' '}
        <Anchor component={Link} to="/" underline="always">
          catalogue
        </Anchor>
        .
      </Text>
    </>
  );
}
