/** Each has a page of its name in docs/runbooks. */
export const runbookNames = [
  'CacheBypassed',
  'CacheFailureRateHigh',
  'CacheHitRatioDropped',
  'CacheHotKey',
  'CacheOutboxLag',
  'CachePendingOld',
  'CacheStaleReadDetected',
  'DbPoolSaturated',
  'ReadLatencyBudgetBurn',
  'RedisDown',
  'WriteLatencyBudgetBurn',
] as const;

export type RunbookName = (typeof runbookNames)[number];

/** Where the alerts lead, too. */
export function runbookUrl(name: RunbookName): string {
  return `https://github.com/throughline/throughline/blob/main/docs/runbooks/${name}.md`;
}
