import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import type { Counts } from './checkpoint.ts';

export interface Progress {
  /** Of the file, from 0 to 1. */
  readonly share: number;
  readonly counts: Counts;
}

/** How often a bar is drawn anew, and how often a line is printed where none can be. */
const everyMs = { bar: 100, line: 5_000 } as const;
const barWidth = 24;

/** Shows how far the import is: as a bar on a terminal, and elsewhere as a line now and then. */
export class ProgressLine {
  readonly #out: WriteStream;
  readonly #begin: Progress;
  readonly #begunMs = performance.now();
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(out: WriteStream, begin: Progress) {
    this.#out = out;
    this.#begin = begin;
    if (!out.isTTY) this.#shownMs = this.#begunMs;
  }

  show(progress: Progress): void {
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < (this.#out.isTTY ? everyMs.bar : everyMs.line)) return;
    this.#shownMs = nowMs;
    const text = progressText(progress, this.#begin, nowMs - this.#begunMs);
    if (!this.#out.isTTY) {
      this.#out.write(`${text}\n`);
      return;
    }
    const filled = Math.round(progress.share * barWidth);
    const bar = `${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}`;
    cursorTo(this.#out, 0);
    this.#out.write(`[${bar}] ${text}`.slice(0, this.#out.columns - 1));
    clearLine(this.#out, 1);
  }

  /** Leaves the line to what comes next. */
  end(): void {
    if (!this.#out.isTTY) return;
    cursorTo(this.#out, 0);
    clearLine(this.#out, 0);
  }
}

/** The rate and the time left are those of this run. */
export function progressText(progress: Progress, begin: Progress, elapsedMs: number): string {
  const { share, counts } = progress;
  const done = linesOf(counts) - linesOf(begin.counts);
  const passed = share - begin.share;
  const left = passed > 0 ? ` ${duration(((1 - share) / passed) * elapsedMs)} left,` : '';
  return (
    `${Math.floor(share * 100)} %, ${grouped(linesOf(counts))} lines, ${grouped(rateOf(done, elapsedMs))} lines/s,` +
    `${left} ${grouped(counts.rejected)} rejected`
  );
}

/** Per second. */
export function rateOf(lines: number, elapsedMs: number): number {
  return elapsedMs === 0 ? 0 : (lines * 1_000) / elapsedMs;
}

export function linesOf({ created, updated, unchanged, rejected }: Counts): number {
  return created + updated + unchanged + rejected;
}

export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
