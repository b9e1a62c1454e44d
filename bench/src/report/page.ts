/** Generated parts of a page by name, each between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export type PageParts = Readonly<Record<string, string>>;

/**
 * The page with these parts in place of what stood between their marks; all other words stay. Throws for a part without
 * its marks.
 */
export function withParts(page: string, parts: PageParts): string {
  let written = page;
  for (const [name, part] of Object.entries(parts)) {
    const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const [from, to] = [written.indexOf(open), written.indexOf(close)];
    if (from === -1 || to < from) throw new Error(`The page has no place for "${name}".`);
    written = `${written.slice(0, from + open.length)}\n\n${part.trim()}\n\n${written.slice(to)}`;
  }
  return written;
}
