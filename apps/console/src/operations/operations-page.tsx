import { PageHeading } from '../shell/page-heading.tsx';

/** What the service does at the moment. */
export function OperationsPage() {
  return <PageHeading title="Operations" />;
}
