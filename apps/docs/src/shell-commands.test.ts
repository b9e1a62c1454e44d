import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { filesLike, root, textOf } from './repository.ts';
import { savedFilesOf, type ShellCommand, shellCommandsOf } from './shell-commands.ts';

const manifestSchema = z.object({ scripts: z.record(z.string(), z.string()).default({}) });
const turboSchema = z.object({ tasks: z.record(z.string(), z.unknown()) });

const pages = await filesLike('**/*.md');
const texts = new Map(
  await Promise.all(pages.map(async (page) => [page, await textOf(page)] as const)),
);
const saved = new Set([...texts.values()].flatMap(savedFilesOf));
const commands = [...texts].flatMap(([page, text]) => shellCommandsOf(page, text));

test('commands are read as a shell reads them', () => {
  const block =
    '`npm start`, `curl`\n\n```sh\nA=1 npm run x -- --y 2 # why\ncurl \'a | b\' | grep "c; d" && \\\n  ls\n```';
  expect(shellCommandsOf('p', block).map(({ words }) => words)).toEqual([
    ['npm', 'run', 'x', '--', '--y', '2'],
    ['curl', "'a | b'"],
    ['grep', '"c; d"'],
    ['ls'],
    ['npm', 'start'],
  ]);
});

test('every npm script that a page runs exists, in the workspace that it is run in, and knows the options it is given', async () => {
  const problems: string[] = [];
  for (const command of commands.filter(({ words }) => words[0] === 'npm')) {
    problems.push(...(await npmProblems(command)));
  }
  expect(problems).toEqual([]);
  expect(commands.filter(({ words }) => words[1] === 'run').length).toBeGreaterThan(10);
});

test('every program that a page runs by npx is installed, and every task of turbo is one', async () => {
  const { tasks } = turboSchema.parse(JSON.parse(await textOf('turbo.json')));
  const run = commands.filter(({ words }) => words[0] === 'npx');
  const problems = run.filter(({ words: [, program = '', verb, task = ''] }) => {
    const installed = existsSync(path.join(root, 'node_modules/.bin', program));
    return !installed || (program === 'turbo' && verb === 'run' && !Object.hasOwn(tasks, task));
  });
  expect(problems.map(described)).toEqual([]);
  expect(run.length).toBeGreaterThan(2);
});

test('every file of the repository that a command names exists, or is saved before', () => {
  const ofRepository = /^(apps|packages|bench|examples|docs|prometheus|grafana)\/[\w./-]+$/;
  const problems = commands.flatMap((command) =>
    command.words
      .filter((word) => ofRepository.test(word) && !word.endsWith('/dist') && !isThere(word))
      .map((word) => `${word} in ${described(command)}`),
  );
  expect(problems).toEqual([]);
});

async function npmProblems(command: ShellCommand): Promise<string[]> {
  const { words } = command;
  const separator = words.indexOf('--');
  const own = separator === -1 ? words : words.slice(0, separator);
  const given = separator === -1 ? [] : words.slice(separator + 1);
  const folder = folderOf(own);
  const [verb = '', nameOfRun = ''] = own.slice(1).filter((word) => !word.startsWith('-'));
  const name = verb === 'run' ? nameOfRun : verb;
  // The text also speaks of `npm run` by itself, and of what npm brings along.
  if (name === '' || !['run', 'start', 'test'].includes(verb)) return [];
  const manifest = path.posix.join(folder, 'package.json');
  if (!existsSync(path.join(root, manifest)))
    return saved.has(manifest) ? [] : [described(command)];
  const script = manifestSchema.parse(JSON.parse(await textOf(manifest))).scripts[name];
  if (script === undefined) return [`no script ${name}: ${described(command)}`];
  const unknown = await unknownOptions(script, folder, given);
  return unknown.map((option) => `no option ${option}: ${described(command)}`);
}

/** The workspace that npm is told, by its folder or its name; else the root. */
function folderOf(words: readonly string[]): string {
  const at = words.findIndex((word) => word === '--workspace' || word === '-w');
  const workspace = at === -1 ? '.' : (words[at + 1] ?? '');
  return workspace.replace(/^@throughline\//, 'packages/');
}

/** Those that the sources of the script do not name. Programs of others know their own. */
async function unknownOptions(script: string, folder: string, given: readonly string[]) {
  const file = /\bnode (?:.* )?([\w./-]+\.ts)/.exec(script)?.[1];
  if (file === undefined) return [];
  const sources = await filesLike(`${path.posix.dirname(path.posix.join(folder, file))}/**/*.ts`);
  const code = (await Promise.all(sources.map(textOf))).join('\n');
  const options = given.filter((word) => word.startsWith('--'));
  return options.filter((option) => {
    const [, name = ''] = /^--(?:no-)?([\w-]+)/.exec(option) ?? [];
    return !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(code);
  });
}

function isThere(file: string): boolean {
  return (
    existsSync(path.join(root, file)) ||
    saved.has(file) ||
    [...saved].some((one) => one.startsWith(`${file}/`))
  );
}

function described({ page, words }: ShellCommand): string {
  return `${page}: ${words.join(' ')}`;
}
