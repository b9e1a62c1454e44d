/** Stands for lines that a page leaves out. */
const gap = '…';

/** What differs from run to run, and what stands for it on both sides. */
const volatile: readonly (readonly [pattern: RegExp, mask: string])[] = [
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT'],
  [/eyJ[\w.-]+…?/g, 'TOKEN'],
  [/dur=\d+\.\d+/g, 'dur=MS'],
  [/in \d+\.\d s, [\d,]+ lines\/s/g, 'in TIME, RATE'],
  [/added \d+ packages(, and audited \d+ packages)? in \w+/g, 'added PACKAGES in TIME'],
];

export function masked(text: string): string {
  return volatile.reduce((so, [pattern, mask]) => so.replaceAll(pattern, mask), text);
}

/**
 * What was printed as a page would show it: volatile parts masked and, if it is as shown, its gaps in the place of the lines that
 * are left out. It is equal to the masked text of the page exactly if the page is right.
 */
export function asShown(printed: string, shown: string): string {
  const wanted = linesOf(masked(shown));
  const found = linesOf(masked(printed));
  return isLike(found, wanted) ? wanted.join('\n') : found.join('\n');
}

/** Both without what ends their last line. */
function linesOf(text: string): string[] {
  const body = text.replace(/\n+$/, '');
  return body === '' ? [] : body.split('\n').map((line) => line.replace(/\r$/, ''));
}

function isLike(found: readonly string[], wanted: readonly string[]): boolean {
  const [first, ...rest] = wanted;
  if (first === undefined) return found.length === 0;
  if (first !== gap) return found[0] === first && isLike(found.slice(1), rest);
  for (let skipped = 0; skipped <= found.length; skipped += 1) {
    if (isLike(found.slice(skipped), rest)) return true;
  }
  return false;
}
