import { findRedisProgram } from '@throughline/local-stack/testing';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commitCheckout } from './commit-checkout.ts';
import { foreignPath, foreignVariables } from './foreign-variables.ts';

/** The address that pages tell to clone. */
export const repositoryUrl = 'https://github.com/throughline/throughline.git';

/**
 * A folder and the variables of somebody who has Node, git, curl and Redis and has never seen the repository. Cloning its address
 * gives what is in this checkout, as if all that git does not ignore were committed.
 */
export class StrangersMachine implements AsyncDisposable {
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #place: string;

  private constructor(place: string, directory: string, environment: NodeJS.ProcessEnv) {
    this.#place = place;
    this.directory = directory;
    this.environment = environment;
  }

  static async open(): Promise<StrangersMachine> {
    const place = await mkdtemp(path.join(tmpdir(), 'stranger-'));
    // PostgreSQL may run as another user, who has to come through here.
    await chmod(place, 0o755);
    const [source, programs] = [path.join(place, 'source.git'), path.join(place, 'bin')];
    const directory = path.join(place, 'home');
    await mkdir(directory);
    await commitCheckout(source);
    await provideRedis(programs);
    return new StrangersMachine(place, directory, {
      ...foreignVariables(),
      PATH: `${programs}:${foreignPath()}`,
      // The usual ones may be taken on this machine.
      PORT: '0',
      METRICS_PORT: '0',
      // What is installed here has been fetched before.
      npm_config_prefer_offline: 'true',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.file://${source}.insteadOf`,
      GIT_CONFIG_VALUE_0: repositoryUrl,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#place, { recursive: true, force: true });
  }
}

/** The one that tests run on, under its usual name. */
async function provideRedis(programs: string): Promise<void> {
  const { file, environment } = await findRedisProgram();
  const variables = Object.entries(environment).map(([name, value]) => `${name}='${value}' `);
  await mkdir(programs);
  const script = `#!/bin/sh\n${variables.join('')}exec '${file}' "$@"\n`;
  await writeFile(path.join(programs, 'redis-server'), script, { mode: 0o755 });
}
