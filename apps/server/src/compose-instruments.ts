import type { Instrument } from '@throughline/write-through';

/** One instrument of two: the outer one sees the operation with the inner one around it. */
export function composeInstruments(outer: Instrument, inner: Instrument): Instrument {
  return (operation, run) => outer(operation, () => inner(operation, run));
}
