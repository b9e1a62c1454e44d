import type { RealService } from './real-service.ts';

/** What one scrape said. */
export interface Scrape {
  readonly text: string;
  /** The sum of all series of that name with these labels; undefined where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

export async function scrape({ metricsUrl }: Pick<RealService, 'metricsUrl'>): Promise<Scrape> {
  const text = await (await fetch(`${metricsUrl}/metrics`)).text();
  const samples = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? ([^ ]+)/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels: `,${labels},`, value: Number(value) }];
  });
  return {
    text,
    value: (wanted, labels = {}) => {
      const pairs = Object.entries(labels).map(([label, value]) => `,${label}="${value}",`);
      const found = samples.filter(
        (sample) => sample.name === wanted && pairs.every((pair) => sample.labels.includes(pair)),
      );
      return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
    },
  };
}
