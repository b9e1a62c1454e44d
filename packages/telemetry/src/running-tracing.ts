import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { SpanCounts } from './span-exporter.ts';

/** The SDK that makes spans of this process. */
export interface RunningTracing {
  readonly counts: Readonly<SpanCounts>;
  /** The share of the traces that begin here and are kept; undefined where the SDK has to be asked about each. */
  readonly rootRatio: number | undefined;
  /** Takes a span of ours that has ended, as those of the SDK are taken. */
  readonly onEnd: (span: ReadableSpan) => void;
  /** Hands over what was not exported yet. What cannot be handed over in time is lost. */
  stop(): Promise<void>;
  /** Told what the SDK has to say: that the collector cannot be reached, above all. */
  onProblem(listener: (message: string) => void): void;
}

let running: RunningTracing | undefined;

/** Said once, before the program begins. */
export function setRunningTracing(tracing: RunningTracing): void {
  running = tracing;
}

/** Undefined if the environment asks for no spans, or the process was started without `start-tracing`. */
export function runningTracing(): RunningTracing | undefined {
  return running;
}
