/** The sum of all series of this name whose labels contain these; 0 without any. */
export function metricSum(
  page: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  let sum = 0;
  for (const line of page.split('\n')) {
    const [, series, told = '', value] = /^(\w+)(?:\{(.*?)\})? (\S+)/.exec(line) ?? [];
    if (series === name && wanted.every((label) => told.split(',').includes(label))) {
      sum += Number(value);
    }
  }
  return sum;
}
