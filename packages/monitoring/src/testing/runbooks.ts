import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../../..');

export function readRunbook(alert: string): Promise<string> {
  return readFile(path.join(root, `docs/runbooks/${alert}.md`), 'utf8');
}

/** The expressions that a runbook tells one to look at, one a line. */
export async function readQueries(alert: string): Promise<string[]> {
  const text = await readRunbook(alert);
  const blocks = [...text.matchAll(/```promql\n([^`]*)```/g)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.trim().split('\n'));
}
