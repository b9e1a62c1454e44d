import GithubSlugger from 'github-slugger';
import type { Code, Nodes, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { toString } from 'mdast-util-to-string';
import { gfm } from 'micromark-extension-gfm';
import { visit } from 'unist-util-visit';

/** A page as GitHub reads it. */
export function parseMarkdown(text: string): Root {
  return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

/** What stands behind `#` in links to the headings of a page. */
export function anchorsOf(page: Root): Set<string> {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  visit(page, 'heading', (heading) => {
    anchors.add(slugger.slug(toString(heading)));
  });
  return anchors;
}

/** Where the links and images of a page lead, those by reference too. */
export function targetsOf(page: Root): string[] {
  const targets: string[] = [];
  visit(page, (node: Nodes) => {
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition') {
      targets.push(node.url);
    }
  });
  return targets;
}

/** The fenced blocks of a page, in order. */
export function codeBlocksOf(page: Root): Code[] {
  const blocks: Code[] = [];
  visit(page, 'code', (block) => {
    blocks.push(block);
  });
  return blocks;
}

/** What a fence says behind its language: `terminal=1 running` is `{ terminal: '1', running: '' }`. */
export function fenceSettings({ meta }: Code): ReadonlyMap<string, string> {
  const words = (meta ?? '').split(/\s+/).filter((word) => word !== '');
  return new Map(
    words.map((word): [string, string] => {
      const [name = '', ...rest] = word.split('=');
      return [name, rest.join('=')];
    }),
  );
}
