import { createRequire } from 'node:module';
import type * as LibPgQuery from 'libpg-query';

export type StatementMask = (text: string) => string;

/** Statements come from files of ours, so there are few; those that a library writes with values in them are many. */
const remembered = 500;

/** Reading takes so long: what is longer is nothing that a person reads in a trace. */
const lengthMax = 20_000;

/**
 * Shows a statement with `?` in the place of every literal, by PostgreSQL's own scanner. What it cannot read is
 * not shown at all.
 */
export async function createStatementMask(): Promise<StatementMask> {
  // Its ESM file lies in a package that does not say so, of which Node warns on stderr at every start.
  const { loadModule, scanSync }: typeof LibPgQuery = createRequire(import.meta.url)('libpg-query');
  await loadModule();
  const masked = new Map<string, string>();
  return (text) => {
    const known = masked.get(text);
    if (known !== undefined) return known;
    const shown = text.length > lengthMax ? '(too long)' : mask(text, scanSync);
    if (masked.size >= remembered) masked.clear();
    masked.set(text, shown);
    return shown;
  };
}

type Scan = typeof LibPgQuery.scanSync;
type Token = ReturnType<Scan>['tokens'][number];

function mask(text: string, scan: Scan): string {
  try {
    let shown = '';
    let endedAt = 0;
    for (const token of scan(text).tokens.filter(isNoComment)) {
      // Between two tokens there is nothing but space, and comments.
      if (token.start > endedAt && shown !== '') shown += ' ';
      shown += toShown(token);
      endedAt = token.end;
    }
    return shown;
  } catch {
    return '(unreadable)';
  }
}

function isNoComment({ tokenName }: Token): boolean {
  return tokenName !== 'C_COMMENT' && tokenName !== 'SQL_COMMENT';
}

/** Numbers, and all that is quoted with ' or $$; bit strings and such are known by their quotes alone. */
function toShown({ tokenName, text }: Token): string {
  const isLiteral = /^[SIFBX]CONST$/.test(tokenName) || /'|^\$\D|^\$$/.test(text);
  return isLiteral ? '?' : text;
}
