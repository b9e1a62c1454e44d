import type { Root } from 'mdast';
import { toString } from 'mdast-util-to-string';
import { expect, test } from 'vitest';
import { codeBlocksOf, parseMarkdown } from './markdown.ts';
import { filesLike, textOf } from './repository.ts';

const pages = await filesLike('docs/tasks/*.md');

test.each(pages)(
  '%s says its goal, what one needs, the steps, how to check and what can go wrong',
  async (page) => {
    const text = parseMarkdown(await textOf(page));
    const paragraphs = text.children.filter(({ type }) => type === 'paragraph').map(asText);
    expect(paragraphs.filter((paragraph) => paragraph.startsWith('Goal:'))).toHaveLength(1);
    expect(paragraphs.filter((paragraph) => paragraph.startsWith('You need'))).toHaveLength(1);
    const headings = headingsOf(text);
    expect(headings.filter((heading) => heading !== 'Back')).toEqual([
      'Steps',
      'Check',
      'What can go wrong',
    ]);
    expect(text.children.some((node) => node.type === 'list' && node.ordered === true)).toBe(true);
  },
);

test('the page of docs/tasks/answer-a-page.md is one that Alertmanager sends', async () => {
  const blocks = codeBlocksOf(parseMarkdown(await textOf('docs/tasks/answer-a-page.md')));
  const shown = blocks.find(({ lang }) => lang === 'text')?.value.split('\n') ?? [];
  const [, alert = '', summary = ''] = /firing +(\w+): (.+)$/.exec(shown[0] ?? '') ?? [];
  const rules = await textOf('prometheus/rules/dependencies.yml');
  const [, told = ''] = rules.split(`- alert: ${alert}\n`);
  const said = (name: string) => new RegExp(`^ +${name}: (.+)$`, 'm').exec(told)?.[1] ?? '';
  expect(summary).toBe(said('summary'));
  expect(shown[1]).toBe(
    said('description').replace('{{ $labels.instance }}', 'redis-exporter:9121'),
  );
  expect(shown.slice(2)).toEqual([said('runbook_url'), said('dashboard_url')]);
  expect(said('severity')).toBe('critical');
});

function headingsOf({ children }: Root): string[] {
  return children
    .filter((node) => node.type === 'heading' && node.depth === 2)
    .map((node) => toString(node));
}

function asText(node: Root['children'][number]): string {
  return toString(node);
}
