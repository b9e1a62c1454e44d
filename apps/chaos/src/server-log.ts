/** What a service process said of itself, and when. Milliseconds of the run's clock. */
export interface LogLine {
  readonly atMs: number;
  readonly text: string;
}

const linesMax = 1_000;
/** What it says of single calls, which the history knows better. */
const ofCalls =
  /"msg":"(refused|unavailable|product \w+|price changed|stock adjusted|an entry was dropped)/;

/** The last lines that a process logged of its stores and its cache, through all of its starts. */
export class ServerLog {
  #lines: LogLine[] = [];

  add(text: string): void {
    if (ofCalls.test(text)) return;
    this.#lines.push({ atMs: performance.now(), text });
    if (this.#lines.length > 2 * linesMax) this.#lines = this.#lines.slice(-linesMax);
  }

  get last(): string {
    return this.#lines.at(-1)?.text ?? '';
  }

  between(fromMs: number, toMs: number): readonly LogLine[] {
    return this.#lines.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  }
}
