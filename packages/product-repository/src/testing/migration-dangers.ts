import type { Migration } from '../migrations/migration.ts';

interface Rule {
  readonly says: string;
  readonly pattern: RegExp;
  /** Also of a table that the migration has made itself. */
  readonly isAlways?: true;
}

/** The first group of a pattern is the table. */
const ofTable = String.raw`alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?"?(\w+)"?[^;]*?`;
const altering = (rest: string) => new RegExp(ofTable + rest, 'i');

/** What holds a lock for as long as it reads or writes a whole table, or takes away what the release before uses. */
const rules: readonly Rule[] = [
  {
    says: 'CREATE INDEX blocks writers: use CONCURRENTLY',
    pattern: /create\s+(?:unique\s+)?index\s+(?!concurrently)[^;]*?\bon\s+(?:only\s+)?"?(\w+)"?/i,
  },
  {
    says: 'changing the type of a column writes the table anew: add a column',
    pattern: altering(String.raw`alter\s+(?:column\s+)?"?\w+"?\s+(?:set\s+data\s+)?type\b`),
  },
  {
    says: 'a default that differs from row to row writes the table anew: add the column without it, then SET DEFAULT',
    pattern: altering(
      String.raw`add\s+(?:column\s+)?[^;]*?(?:default\s+[^;,]*?\b(?:random|clock_timestamp|timeofday|nextval|gen_random_uuid|uuid\w*)\s*\(|generated\b|\b(?:small|big)?serial\b)`,
    ),
  },
  {
    says: 'a CHECK or FOREIGN KEY is checked for all rows: add it NOT VALID, and VALIDATE it in the next migration',
    pattern: altering(
      String.raw`add\s+(?:constraint\s+\w+\s+)?(?:check|foreign\s+key)(?![^;]*not\s+valid)`,
    ),
  },
  {
    says: 'UNIQUE, PRIMARY KEY and EXCLUDE build an index: build it CONCURRENTLY, then ADD CONSTRAINT … USING INDEX',
    pattern: altering(
      String.raw`add\s+(?:constraint\s+\w+\s+)?(?:unique|primary\s+key|exclude)(?!\s+using\s+index)`,
    ),
  },
  {
    says: 'the release before uses what is dropped or renamed',
    pattern: altering(String.raw`(?:drop\s+column|rename)\b`),
  },
  {
    says: 'the release before uses what is dropped',
    pattern: /drop\s+table\s+(?:if\s+exists\s+)?"?(\w+)"?/i,
  },
  {
    says: 'it locks or writes a whole table',
    pattern:
      /\b(?:lock(?:\s+table)?|truncate(?:\s+table)?|vacuum\s+full|cluster|reindex\s+(?:table|index)(?!\s+concurrently)|refresh\s+materialized\s+view(?!\s+concurrently))\s+(?!on\b)"?(\w+)"?/i,
  },
  {
    says: 'all rows are locked until the end: change them in batches, outside a transaction',
    pattern: /^\s*(?:update|delete\s+from)\s+"?(\w+)"?(?![^;]*\bwhere\b)/i,
  },
];

const [madePattern, concurrently] = [
  /create\s+table\s+(?:if\s+not\s+exists\s+)?"?(\w+)"?/gi,
  /create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?"?(\w+)"?/i,
];

/**
 * Why each migration after those that were released before there were rules should not be released, in words; empty if it may be.
 * Bodies of functions are not looked at: they run later.
 */
export async function dangersOf(migrations: readonly Migration[]): Promise<string[]> {
  const before: string[] = [];
  const found: string[] = [];
  for (const migration of migrations) {
    const texts = await textsOf(migration);
    const says = [...singleDangers(texts), ...orderDangers(texts, { before, migration })];
    found.push(...says.map((why) => `${migration.name}: ${why}`));
    before.push(...texts);
  }
  return found;
}

async function textsOf({ up }: Migration): Promise<string[]> {
  const texts: string[] = [];
  await up({
    query: async ({ text }) => {
      texts.push(text);
      return { rows: [], rowCount: 0 };
    },
  });
  return texts.map((text) => text.replace(/\$(\w*)\$.*?\$\1\$/gs, '').replace(/--[^\n]*/g, ''));
}

function singleDangers(texts: readonly string[]): string[] {
  const made = new Set(
    texts.flatMap((text) => [...text.matchAll(madePattern)].map(([, table]) => table)),
  );
  return texts
    .flatMap((text) => text.split(';'))
    .flatMap((text) =>
      rules.flatMap(({ says, pattern }) => {
        const [isFound, table] = pattern.exec(text) ?? [];
        return isFound === undefined || made.has(table) ? [] : [says];
      }),
    );
}

interface Place {
  /** What earlier migrations said. */
  readonly before: readonly string[];
  readonly migration: Migration;
}

function orderDangers(texts: readonly string[], { before, migration }: Place): string[] {
  const found: string[] = [];
  const [said, earlier] = [texts.join(';'), before.join(';')];
  if (/\bconcurrently\b/i.test(said) && !migration.isOutsideTransaction) {
    found.push('CONCURRENTLY works in no transaction: say isOutsideTransaction');
  }
  for (const text of texts) {
    const index = concurrently.exec(text)?.[1];
    const dropped = new RegExp(
      String.raw`drop\s+index\s+concurrently\s+if\s+exists\s+"?${index}\b`,
      'i',
    );
    if (index !== undefined && !dropped.test(said)) {
      found.push(
        'what was left of an index that failed is kept: DROP INDEX CONCURRENTLY IF EXISTS it first',
      );
    }
  }
  const validated = /validate\s+constraint\s+"?(\w+)/i.exec(said)?.[1];
  if (
    validated !== undefined &&
    !new RegExp(String.raw`constraint\s+"?${validated}\b`, 'i').test(earlier)
  ) {
    found.push(
      'VALIDATE reads all rows: ADD CONSTRAINT … NOT VALID belongs to the migration before',
    );
  }
  const column = /alter\s+(?:column\s+)?"?(\w+)"?\s+set\s+not\s+null/i.exec(said)?.[1];
  const isChecked =
    new RegExp(String.raw`check\s*\(\s*"?${column}"?\s+is\s+not\s+null`, 'i').test(earlier) &&
    /validate\s+constraint/i.test(earlier);
  if (column !== undefined && !isChecked) {
    found.push(
      'SET NOT NULL reads all rows: VALIDATE a CHECK (… IS NOT NULL) in a migration before',
    );
  }
  return found;
}
