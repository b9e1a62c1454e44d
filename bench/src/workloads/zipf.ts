/** How unequal: as in the Yahoo! Cloud Serving Benchmark. */
const exponent = 0.99;

/** Draws ids from 1 to `count`, the first most often: the share of the n-th is as 1 / n^0.99. */
export function zipf(count: number, random: () => number = Math.random): () => number {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let rank = 1; rank <= count; rank += 1) {
    sum += rank ** -exponent;
    cumulative[rank - 1] = sum;
  }
  return () => 1 + firstAbove(cumulative, random() * sum);
}

function firstAbove(cumulative: Float64Array, drawn: number): number {
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 0) > drawn) high = middle;
    else low = middle + 1;
  }
  return low;
}
