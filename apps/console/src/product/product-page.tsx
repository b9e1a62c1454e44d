import { PageHeading } from '../shell/page-heading.tsx';

export function ProductPage() {
  return <PageHeading title="Product" />;
}
