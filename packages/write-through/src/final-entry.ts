import type { CodedRecord } from './coded-record.ts';
import type { FinalEntry } from './entry.ts';
import { newLife } from './life.ts';
import type { ReaderParts } from './reader.ts';
import type { RecordSource } from './record-source.ts';

/** What an entry holds from now on whose record was just read; undefined is a record that is not there. */
export function finalEntry(
  { schema, lifeMs }: Pick<RecordSource<never, unknown>, 'schema' | 'lifeMs'>,
  { ambient, limits }: Pick<ReaderParts, 'ambient' | 'limits'>,
  record: (Pick<CodedRecord<unknown>, 'payload'> & { readonly version: number }) | undefined,
): FinalEntry {
  if (record === undefined) {
    const noneMs = Math.min(limits.noneLifeMs, lifeMs);
    return { state: 'none', version: 0, ...newLife(noneMs, ambient, limits) };
  }
  const { version, payload } = record;
  return { state: 'value', schema, version, payload, ...newLife(lifeMs, ambient, limits) };
}
