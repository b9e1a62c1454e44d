/** One answer of `/metrics`. */
export class MetricsPage {
  readonly contentType: string;
  readonly #text: string;

  constructor(contentType: string, text: string) {
    this.contentType = contentType;
    this.#text = text;
  }

  get isWhole(): boolean {
    return this.#text.endsWith('# EOF\n');
  }

  /** Whether a metric of that name is described. The name of a counter goes without `_total` there. */
  has(name: string): boolean {
    return this.#text.includes(`\n# TYPE ${name.replace(/_total$/, '')} `);
  }

  /** The sum of the samples of that name that have this label; 0 without one. */
  sum(name: string, label = ''): number {
    return this.#linesOf(name)
      .filter((line) => line.includes(label))
      .map((line) => Number(/^\w+(?:\{[^}]*\})? (\S+)/.exec(line)?.[1] ?? 0))
      .reduce((sum, value) => sum + value, 0);
  }

  /** The value of a label of the first sample of that name. */
  label(name: string, label: string): string | undefined {
    const [line = ''] = this.#linesOf(name);
    return new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1];
  }

  hasExemplar(name: string, traceId: string): boolean {
    return this.#linesOf(name).some((line) => line.includes(`trace_id="${traceId}"`));
  }

  #linesOf(name: string): string[] {
    return this.#text.split('\n').filter((line) => /^\w+/.exec(line)?.[0] === name);
  }
}
