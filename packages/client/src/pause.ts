import { limits } from './limits.ts';

/** A random pause, from zero up, that grows with the failures. */
export function backoffMs(failures: number): number {
  return Math.random() * Math.min(limits.backoffMaxMs, limits.backoffMinMs * 2 ** failures);
}

/** The pause that an answer asks for by `retry-after`, in seconds or until a date; 0 if by none. */
export function askedPauseMs(headers: { get(name: string): string | null } | undefined): number {
  const asked = headers?.get('retry-after') ?? null;
  if (asked === null) return 0;
  const seconds = Number(asked);
  const ms = Number.isNaN(seconds) ? Date.parse(asked) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? 0 : ms;
}

/** Ends after a while, or rejects with the reason of the signal. */
export async function pause(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (ms <= 0) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, Math.min(ms, limits.timerMsMax));
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      },
      { once: true },
    );
  });
}
