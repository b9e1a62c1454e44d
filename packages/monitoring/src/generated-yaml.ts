import { stringify } from 'yaml';

const header = '# Generated from packages/monitoring by `npm run generate`: change it there.\n';

/** A generated file: long expressions stay on one line, and nothing is abbreviated by an alias. */
export function generatedYaml(content: unknown): string {
  return header + stringify(content, settings);
}

const settings = { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false } as const;
