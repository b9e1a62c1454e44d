import { existsSync } from 'node:fs';
import path from 'node:path';
import { fetchDebianTool } from './debian-tool.ts';
import { writeFontList } from './font-list.ts';
import { findInstalled, type Program } from './installed-program.ts';
import { tryCommand } from './run-command.ts';

/** Debian's package without windows comes first: it is the smallest, and a test needs no more. */
const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];

const MACOS_APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The shell needs its data from the common package; a page without fonts has no text. */
const DEBIAN_PACKAGES = [
  'chromium-headless-shell',
  'chromium-common',
  'fonts-inter',
  'fonts-liberation',
  'fonts-dejavu-core',
];

const HOW_TO_GET_ONE = `Get a Chromium or a Chrome in one of these ways, then start again:
  macOS            the application Google Chrome or Chromium, in /Applications
  Debian           nothing to do if deb.debian.org or your mirror can be reached; else apt-get install chromium
  Ubuntu           Google's package google-chrome-stable
  others           the distribution's package chromium
One of ${NAMES.join(', ')} anywhere on the PATH is used.`;

/** Looks on the PATH, then among macOS's applications, then fetches Debian's packages into `.local/`. */
export async function findChromium(): Promise<Program> {
  const refused: string[] = [];
  for (const file of [...(await findInstalled(NAMES)), ...MACOS_APPLICATIONS.filter(existsSync)]) {
    if (await runs({ file, environment: {} })) return { file, environment: {} };
    refused.push(`${file} does not run here.`);
  }
  try {
    const fetched = await fetchDebianChromium();
    if (fetched && (await runs(fetched))) return fetched;
    refused.push(
      fetched ? `${fetched.file} does not run here.` : 'There is no apt to fetch one with.',
    );
  } catch (error) {
    refused.push(`Fetching Debian's package failed: ${String(error)}`);
  }
  throw new Error(`No Chromium was found.\n${refused.join('\n')}\n${HOW_TO_GET_ONE}`);
}

/** Ubuntu has a chromium-browser that only says where to get one: it fails here. */
async function runs({ file, environment }: Program): Promise<boolean> {
  return (await tryCommand(file, ['--version'], { env: environment })) !== undefined;
}

async function fetchDebianChromium(): Promise<Program | undefined> {
  const tool = await fetchDebianTool({ name: 'chromium', packages: DEBIAN_PACKAGES });
  if (!tool) return undefined;
  return {
    file: path.join(tool.root, 'usr/lib/chromium/chromium-headless-shell'),
    environment: { ...tool.environment, FONTCONFIG_FILE: await writeFontList(tool.root) },
  };
}
