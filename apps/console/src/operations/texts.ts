/** `0 ms`, `0.42 ms`, `4.2 ms`, `123 ms`, `1.2 s`, `3 min`. */
export function timeText(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${ms.toFixed(0)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}

/** `98.3 %`; never `100 %` where something is missing, nor `0 %` where something is there. */
export function shareText(share: number): string {
  const percent = share * 100;
  if (share === 0 || share === 1) return `${percent} %`;
  if (percent < 0.1) return '< 0.1 %';
  if (percent > 99.9) return '> 99.9 %';
  return `${percent.toFixed(1)} %`;
}

/** For axes, where whole percents are enough. */
export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `12 a second`, `0.3 a second`. */
export function rateText(perSecond: number): string {
  return `${rateNumber(perSecond)} a second`;
}

export function rateNumber(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 0.1) return '< 0.1';
  return perSecond < 10 ? perSecond.toFixed(1) : countText(Math.round(perSecond));
}

export function countText(count: number): string {
  return count.toLocaleString('en-GB');
}

/** Hours, minutes and seconds of the day, as the reader's clock has them. */
export function clockText(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB');
}
