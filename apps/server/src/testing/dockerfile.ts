import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './compose-file.ts';

const run = promisify(execFile);

/**
 * Does what the Dockerfile says, without Docker: a folder for each stage, COPY and RUN in their order. What `COPY .` takes
 * are the files that git knows, less those that .dockerignore keeps out.
 */
export async function buildStages(directory: string): Promise<ReadonlyMap<string, Stage>> {
  const stages = new Map<string, Stage>();
  let stage: Stage = { directory, app: directory, command: [] };
  const text = await readFile(path.join(root, 'Dockerfile'), 'utf8');
  for (const [, step = '', argument = ''] of text.matchAll(/^([A-Z]+) (.*)$/gm)) {
    if (step === 'FROM') {
      const name = argument.split(' ').at(-1) ?? '';
      stage = { directory: path.join(directory, name), app: '', command: [] };
      stages.set(name, stage);
    }
    if (step === 'WORKDIR') {
      stage.app = path.join(stage.directory, argument);
      await mkdir(stage.app, { recursive: true });
    }
    if (step === 'COPY') await copy(argument.split(' '), stage, stages);
    if (step === 'RUN') await run('bash', ['-ec', argument], { cwd: stage.app });
    if (step === 'CMD') stage.command = argument.match(/[^"[\], ]+/g) ?? [];
  }
  return stages;
}

export interface Stage {
  readonly directory: string;
  /** its working directory */
  app: string;
  command: readonly string[];
}

async function copy(
  words: readonly string[],
  stage: Stage,
  stages: ReadonlyMap<string, Stage>,
): Promise<void> {
  const [option = '', from = '', to = ''] = words;
  const source = option.startsWith('--from=') ? stages.get(option.slice(7)) : undefined;
  if (source) {
    const options = { recursive: true, verbatimSymlinks: true };
    await cp(path.join(source.directory, from), path.join(stage.app, to), options);
    return;
  }
  for (const file of await contextFiles()) {
    await cp(path.join(root, file), path.join(stage.app, file), { recursive: true });
  }
}

async function contextFiles(): Promise<string[]> {
  const [{ stdout }, ignore] = await Promise.all([
    run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root }),
    readFile(path.join(root, '.dockerignore'), 'utf8'),
  ]);
  const patterns = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const files = stdout.trim().split('\n');
  // The last pattern that matches decides, as in Docker.
  return files.filter((file) => {
    const last = patterns.findLast((pattern) => matches(file, pattern.replace(/^!/, '')));
    return last === undefined || last.startsWith('!');
  });
}

/** A pattern that matches a folder matches all that is in it. */
function matches(file: string, pattern: string): boolean {
  const parts = file.split('/');
  return parts.some((_, index) => path.matchesGlob(parts.slice(0, index + 1).join('/'), pattern));
}
