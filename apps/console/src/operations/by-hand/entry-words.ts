import type { Inspection } from '../cache-answers.ts';
import { countText, timeText } from '../texts.ts';

/** What the state of an entry means for its next reader. */
export function entryWords(entry: Inspection['entry']): string {
  switch (entry.state) {
    case 'value':
      return `Version ${countText(entry.version)}, good for ${timeText(entry.lifeLeftMs)} more of ${timeText(entry.lifeMs)}. Readers are answered from it.`;
    case 'none':
      return `It says that there is no such row, as of version ${countText(entry.version)}, for ${timeText(entry.lifeLeftMs)} more. Readers are answered from it.`;
    case 'pending':
      return `It is being written${attemptsText(entry.attempts)}. Readers are answered by PostgreSQL until that is settled.`;
    case 'absent':
      return 'There is no entry. Its next reader asks PostgreSQL and fills it.';
    case 'lease':
      return 'A reader is filling it at this moment.';
    case 'unreadable':
      return 'Its bytes are none of this service. Readers are answered by PostgreSQL.';
    case 'untrusted':
      return 'The cache is not trusted at the moment: readers do not look there.';
    case 'unreachable':
      return 'Redis did not answer. Readers are answered by PostgreSQL.';
  }
}

function attemptsText(attempts: readonly { readonly xid: string; readonly status: string }[]) {
  const told = attempts.map(({ xid, status }) => `transaction ${xid} (${status})`);
  return told.length === 0 ? '' : ` by ${told.join(', ')}`;
}

/** How a drop of an entry ended, by the outcome that `cache.invalidate` answers with. */
export const invalidationWords = {
  published: 'published: the entry is gone.',
  deferred: 'deferred: nobody is answered from it, and its first reader replaces it.',
  bypass: 'bypass: the cache is not in use, and what it held will not be read again.',
} as const;
