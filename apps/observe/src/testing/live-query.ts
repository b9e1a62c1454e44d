import { readExpression } from '@throughline/monitoring/testing';
import { setTimeout as delay } from 'node:timers/promises';
import type { PrometheusApi, QueryResult } from '../prometheus-api.ts';

/** A query that somebody asks, and what its answer has to be like. */
export interface LiveQuery {
  /** whose it is: a dashboard and its panel, or a rule */
  readonly of: string;
  /** as Prometheus takes it: what Grafana fills in is filled in */
  readonly expr: string;
  /** a table asks for now, lines over time for a range */
  readonly kind: 'instant' | 'range';
  /** labels that each series has to have */
  readonly labels: readonly string[];
}

/** What came of it. A series that is nothing but NaN shows nothing, and does not count. */
export interface LiveAnswer {
  readonly query: LiveQuery;
  readonly series: number;
  /** labels that a series lacks */
  readonly missingLabels: readonly string[];
}

/** The metrics that the queries ask for, each once. */
export function metricsOf(queries: readonly LiveQuery[]): string[] {
  const selected = queries.flatMap(({ expr }) => readExpression(expr).selectors);
  return [...new Set(selected.map(({ metric }) => metric).filter((metric) => metric !== ''))];
}

export interface Patience {
  readonly timeoutMs: number;
  /** whether a query need not be waited for */
  readonly mayBeSilent: (query: LiveQuery) => boolean;
}

/** Asks until each is answered with something, or for so long. */
export async function askUntilAnswered(
  api: PrometheusApi,
  queries: readonly LiveQuery[],
  { timeoutMs, mayBeSilent }: Patience,
): Promise<LiveAnswer[]> {
  const endMs = performance.now() + timeoutMs;
  const answers = new Map<LiveQuery, LiveAnswer>();
  for (;;) {
    const open = queries.filter((query) => (answers.get(query)?.series ?? 0) === 0);
    for (const query of open) answers.set(query, await ask(api, query));
    const isOver = performance.now() > endMs;
    const waiting = [...answers.values()].filter(({ series }) => series === 0);
    if (isOver || waiting.every(({ query }) => mayBeSilent(query))) break;
    await delay(betweenMs);
  }
  return queries.flatMap((query) => answers.get(query) ?? []);
}

const betweenMs = 1_000;
/** What a panel shows is asked for so far back, in seconds, at such a step. */
const range = { seconds: 30, step: 5 };

async function ask(api: PrometheusApi, query: LiveQuery): Promise<LiveAnswer> {
  const end = Date.now() / 1000;
  const { seconds, step } = range;
  const result =
    query.kind === 'instant'
      ? await api.query(query.expr)
      : await api.queryRange(query.expr, { start: end - seconds, end, step });
  const expected = query.kind === 'instant' ? 'vector' : 'matrix';
  if (result.resultType !== expected) throw new Error(`${query.of} gives a ${result.resultType}.`);
  const found = seriesOf(result);
  const missing = query.labels.filter((label) => found.some((labels) => !(label in labels)));
  return { query, series: found.length, missingLabels: missing };
}

/** The labels of all series with a number in them. */
function seriesOf(result: QueryResult): Readonly<Record<string, string>>[] {
  switch (result.resultType) {
    case 'vector':
      return result.result
        .filter(({ value: [, written] }) => isNumber(written))
        .map(({ metric }) => metric);
    case 'matrix':
      return result.result
        .filter(({ values }) => values.some(([, written]) => isNumber(written)))
        .map(({ metric }) => metric);
    default:
      return [];
  }
}

function isNumber(written: string): boolean {
  return written !== 'NaN';
}
