/** What one HTTP request may carry; beyond it the answer is a clear 4xx. Clients stay below by themselves. */
export const requestLimits = {
  /** Room for any input that passes its schema, small enough that a flood of them fits in memory. */
  bodyBytesMax: 1_048_576,
  /** A batch runs its calls at once; more of them would crowd out everyone else. */
  batchCallsMax: 100,
  /** What proxies and servers commonly let through. */
  urlBytesMax: 8_192,
} as const;

export type RequestLimits = typeof requestLimits;
