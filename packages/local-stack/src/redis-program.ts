import path from 'node:path';
import { fetchDebianTool } from './debian-tool.ts';
import { findInstalled, type Program } from './installed-program.ts';
import { tryCommand } from './run-command.ts';

const NAMES = ['redis-server', 'valkey-server'];

/** The multi-part append-only file and functions came with 7.0. */
const MAJOR_VERSION_MIN = 7;

const HOW_TO_GET_ONE = `Get Redis >= 7 or Valkey in one of these ways, then start again:
  macOS            brew install redis        (or: brew install valkey)
  Debian, Ubuntu   nothing to do if deb.debian.org or your mirror can be reached; else apt-get install redis-server
  Fedora           dnf install valkey
  Alpine           apk add redis
  Arch             pacman -S valkey
  from source      https://redis.io/docs/latest/operate/oss_and_stack/install/
A redis-server or valkey-server anywhere on the PATH is used.`;

/** Looks on the PATH, then in Homebrew's places, then fetches Debian's packages into `.local/`. */
export async function findRedisProgram(): Promise<Program> {
  const refused: string[] = [];
  for (const file of await findInstalled(NAMES)) {
    const refusal = await refuse({ file, environment: {} });
    if (refusal === undefined) return { file, environment: {} };
    refused.push(refusal);
  }
  try {
    const fetched = await fetchDebianRedis();
    const refusal = fetched && (await refuse(fetched));
    if (fetched && refusal === undefined) return fetched;
    refused.push(refusal ?? 'This is neither Debian nor Ubuntu: nothing could be fetched.');
  } catch (error) {
    refused.push(`Fetching Debian's package failed: ${String(error)}`);
  }
  throw new Error(`No Redis was found.\n${refused.join('\n')}\n${HOW_TO_GET_ONE}`);
}

/** The server's package has the programs' links alone; they and what they need are in the tools'. */
async function fetchDebianRedis(): Promise<Program | undefined> {
  const tool = await fetchDebianTool({ name: 'redis', packages: ['redis-server', 'redis-tools'] });
  return tool && { ...tool, file: path.join(tool.root, 'usr/bin/redis-server') };
}

/** Why the program will not do, if it will not. */
async function refuse({ file, environment }: Program): Promise<string | undefined> {
  const answer = await tryCommand(file, ['--version'], { env: environment });
  if (answer === undefined) return `${file} does not run here.`;
  const majorVersion = Number(/\bv=(\d+)/.exec(answer)?.[1] ?? 0);
  return majorVersion >= MAJOR_VERSION_MIN ? undefined : `${file} is too old: ${answer.trim()}`;
}
