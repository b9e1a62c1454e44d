import { z } from 'zod';

const labels = z.record(z.string(), z.string());
/** A time in Unix seconds, and a number in writing, as it may be `NaN` or `+Inf`. */
const sample = z.tuple([z.number(), z.string()]);

const queryResult = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: labels, value: sample })),
  }),
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: labels, values: z.array(sample) })),
  }),
  z.object({ resultType: z.literal('scalar'), result: sample }),
]);

const alert = z.object({
  labels,
  annotations: labels,
  state: z.enum(['pending', 'firing']),
  activeAt: z.string(),
  value: z.string(),
});

const target = z.object({
  labels,
  scrapeUrl: z.string(),
  health: z.enum(['up', 'down', 'unknown']),
  lastError: z.string(),
});

const rule = z.object({
  type: z.enum(['recording', 'alerting']),
  name: z.string(),
  query: z.string(),
  health: z.enum(['ok', 'err', 'unknown']),
  lastError: z.string().default(''),
  /** of an alert, with its templates as they were written */
  annotations: labels.default({}),
});

export type QueryResult = z.infer<typeof queryResult>;
export type ActiveAlert = z.infer<typeof alert>;
export type Target = z.infer<typeof target>;
export type Rule = z.infer<typeof rule>;

/** What is asked of a Prometheus. Throws, with its complaint, where it refuses. */
export class PrometheusApi {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** What the expression says now. */
  async query(expr: string): Promise<QueryResult> {
    return queryResult.parse(await this.#get('query', { query: expr }));
  }

  /** What the expression said from one moment to another, in Unix seconds, each `step` seconds. */
  async queryRange(
    expr: string,
    range: { readonly start: number; readonly end: number; readonly step: number },
  ): Promise<QueryResult> {
    const { start, end, step } = range;
    const asked = { query: expr, start: String(start), end: String(end), step: String(step) };
    return queryResult.parse(await this.#get('query_range', asked));
  }

  /** All values of a label; those of `__name__` are the metrics that there are. */
  async labelValues(label: string): Promise<string[]> {
    return z.array(z.string()).parse(await this.#get(`label/${label}/values`));
  }

  /** The alerts that are pending or fire. */
  async alerts(): Promise<ActiveAlert[]> {
    return z.object({ alerts: z.array(alert) }).parse(await this.#get('alerts')).alerts;
  }

  async targets(): Promise<Target[]> {
    const answer = await this.#get('targets', { state: 'active' });
    return z.object({ activeTargets: z.array(target) }).parse(answer).activeTargets;
  }

  async rules(): Promise<Rule[]> {
    const groups = z.object({ groups: z.array(z.object({ rules: z.array(rule) })) });
    return groups.parse(await this.#get('rules')).groups.flatMap(({ rules }) => rules);
  }

  async #get(path: string, asked: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const response = await fetch(
      `${this.#url}/api/v1/${path}?${String(new URLSearchParams(asked))}`,
    );
    const answer = z
      .object({ data: z.unknown(), error: z.string().optional() })
      .parse(await response.json());
    if (answer.error !== undefined)
      throw new Error(`Prometheus refused ${path} ${JSON.stringify(asked)}: ${answer.error}`);
    return answer.data;
  }
}
