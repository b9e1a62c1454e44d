import { currentSpanReference } from './spans.ts';
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** The levels that LOG_LEVEL may name, loudest first. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where the lines go; standard output unless given. */
  readonly destination?: DestinationStream;
  /** Said in every line. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Logs JSON lines, written before the call returns, so that a process which exits loses none. A line that is
 * written within a span names it. An error
 * under `err` is told with its causes, but without the fields that drivers hang on it: statements and
 * their parameters do not belong in a log.
 */
export function createLogger({ level, destination, fields }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: fields ?? null,
      mixin: spanFields,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (err: unknown) => toLoggedError(err) },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

function spanFields(): { trace_id?: string; span_id?: string } {
  const span = currentSpanReference();
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
}

/** Deep enough for every chain that means something, short enough for one that bites its tail. */
const causesMax = 5;

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

function toLoggedError(err: unknown, depth = 0): LoggedError {
  if (!(err instanceof Error)) return { type: typeof err, message: String(err) };
  return {
    type: err.name,
    message: err.message,
    ...('code' in err && typeof err.code === 'string' && { code: err.code }),
    ...(err.stack !== undefined && { stack: err.stack }),
    ...(err.cause !== undefined &&
      depth < causesMax && { cause: toLoggedError(err.cause, depth + 1) }),
  };
}
