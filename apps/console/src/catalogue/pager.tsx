import { Button, Group } from '@mantine/core';
import type { CatalogueNavigation } from './use-catalogue-view.ts';

interface PagerProps {
  readonly navigation: CatalogueNavigation;
  readonly nextCursor: string | null;
  readonly isBusy: boolean;
}

/** Nothing where all is on one page. */
export function Pager({ navigation: { showNext, showPrevious }, nextCursor, isBusy }: PagerProps) {
  if (nextCursor === null && showPrevious === undefined) return null;
  return (
    <nav aria-label="Pages of the list">
      <Group justify="space-between" mt="md">
        <Button variant="default" disabled={showPrevious === undefined} onClick={showPrevious}>
          Previous
        </Button>
        <Button
          variant="default"
          disabled={nextCursor === null || isBusy}
          onClick={() => nextCursor !== null && showNext(nextCursor)}
        >
          Next
        </Button>
      </Group>
    </nav>
  );
}
