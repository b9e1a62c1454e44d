import { PageHeading } from '../shell/page-heading.tsx';

export function CataloguePage() {
  return <PageHeading title="Catalogue" />;
}
