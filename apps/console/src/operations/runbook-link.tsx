import { Anchor } from '@mantine/core';
import { type RunbookName, runbookUrl } from './runbooks.ts';

/** What to do about it: the page that the alert of this name leads to. */
export function RunbookLink({ name }: { readonly name: RunbookName }) {
  return (
    <Anchor href={runbookUrl(name)} target="_blank" rel="noreferrer" inherit underline="always">
      Runbook {name}
    </Anchor>
  );
}
