import { visit } from 'unist-util-visit';
import { codeBlocksOf, fenceSettings, parseMarkdown } from './markdown.ts';

/** One command of a page, as its words. */
export interface ShellCommand {
  readonly page: string;
  readonly words: readonly string[];
}

/**
 * Every command in the fenced `sh` blocks of a page, and what its text names that begins with `npm` or `npx`; without comments
 * and without variables before it.
 */
export function shellCommandsOf(page: string, text: string): ShellCommand[] {
  const root = parseMarkdown(text);
  const shown = codeBlocksOf(root).flatMap(({ lang, value }) => (lang === 'sh' ? [value] : []));
  visit(root, 'inlineCode', ({ value }) => {
    if (/^np[mx] /.test(value)) shown.push(value);
  });
  return shown.flatMap(commandsIn).map((words) => ({ page, words }));
}

/** The files that a page tells its reader to save. */
export function savedFilesOf(text: string): string[] {
  return codeBlocksOf(parseMarkdown(text)).flatMap((block) => {
    const file = fenceSettings(block).get('file');
    return file === undefined ? [] : [file];
  });
}

function commandsIn(block: string): string[][] {
  const joined = block.replaceAll('\\\n', ' ');
  return joined
    .split('\n')
    .flatMap(splitLine)
    .map(withoutVariables)
    .filter((words) => words.length > 0);
}

/** Quoted text stays in one piece, and ends no command. */
function splitLine(line: string): string[][] {
  const tokens = line.match(/'[^']*'|"[^"]*"?|#.*$|&&|\|\||[|;]|[^\s'"|;&]+|&/g) ?? [];
  const commands: string[][] = [[]];
  for (const token of tokens) {
    if (token.startsWith('#')) break;
    if (['&&', '||', '|', ';', '&'].includes(token)) commands.push([]);
    else commands.at(-1)?.push(token);
  }
  return commands;
}

function withoutVariables(words: readonly string[]): string[] {
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  return first === -1 ? [] : words.slice(first);
}
