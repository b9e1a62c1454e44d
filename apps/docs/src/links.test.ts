import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { anchorsOf, parseMarkdown, targetsOf } from './markdown.ts';
import { filesLike, root, textOf } from './repository.ts';

interface Link {
  readonly from: string;
  readonly target: string;
  /** The file it leads to, from the root; the page itself for a link within. */
  readonly file: string;
  readonly anchor: string | undefined;
}

const pages = new Map(
  await Promise.all(
    (await filesLike('**/*.md')).map(
      async (file) => [file, parseMarkdown(await textOf(file))] as const,
    ),
  ),
);
const anchors = new Map([...pages].map(([file, page]) => [file, anchorsOf(page)]));
const links = [...pages].flatMap(([from, page]) =>
  targetsOf(page)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => linkFrom(from, target)),
);

test('a heading is linked to by the anchor that GitHub makes of it', () => {
  const page = parseMarkdown('# The `cache.*` calls\n\n## Why?\n\n## Why?\n');
  expect([...anchorsOf(page)]).toEqual(['the-cache-calls', 'why', 'why-1']);
});

test('every link of every page leads to a file or folder of the repository', () => {
  const broken = links.filter(({ file }) => !existsSync(path.join(root, file)));
  expect(broken.map(({ from, target }) => `${from} → ${target}`)).toEqual([]);
  expect(links.length).toBeGreaterThan(pages.size);
});

test('every link to a part of a page leads to a heading of that page', () => {
  const broken = links.filter(
    ({ file, anchor }) => anchor !== undefined && anchors.get(file)?.has(anchor) !== true,
  );
  expect(broken.map(({ from, target }) => `${from} → ${target}`)).toEqual([]);
});

test('no page is an orphan: links lead from the README to each, over other pages', () => {
  const reached = new Set<string>();
  const toVisit = ['README.md'];
  for (let page = toVisit.pop(); page !== undefined; page = toVisit.pop()) {
    if (reached.has(page)) continue;
    reached.add(page);
    toVisit.push(...links.filter(({ from }) => from === page).flatMap(pagesBehind));
  }
  expect([...pages.keys()].filter((page) => !reached.has(page))).toEqual([]);
});

test('the map of the docs leads to every page in docs by itself', () => {
  const named = new Set(links.filter(({ from }) => from === 'docs/README.md').flatMap(pagesBehind));
  const inDocs = [...pages.keys()].filter((file) => file.startsWith('docs/'));
  expect(inDocs.filter((file) => file !== 'docs/README.md' && !named.has(file))).toEqual([]);
});

function linkFrom(from: string, target: string): Link {
  const [file = '', anchor] = decodeURI(target).split('#');
  const resolved = file === '' ? from : path.posix.join(path.posix.dirname(from), file);
  return { from, target, file: resolved, anchor };
}

/** A link to a folder shows the pages that are in it. */
function pagesBehind({ file }: Link): string[] {
  const folder = file.replace(/\/$/, '');
  return [...pages.keys()].filter((page) => page === file || path.posix.dirname(page) === folder);
}
