import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface RunCommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** what it reads from its standard input */
  readonly input?: string;
}

/** Runs a program to its end and returns what it printed; throws with its complaint when it fails. */
export async function runCommand(
  file: string,
  commandArguments: readonly string[],
  { input = '', ...options }: RunCommandOptions = {},
): Promise<string> {
  const child = spawn(file, commandArguments, { ...options, stdio: 'pipe' });
  child.stdin.on('error', () => {}); // a program may end without reading it all
  child.stdin.end(input);
  const ended = Promise.withResolvers<number | NodeJS.Signals | null>();
  child.once('error', ended.reject);
  child.once('close', (code, signal) => {
    ended.resolve(code ?? signal);
  });
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended.promise,
  ]);
  if (status !== 0) {
    throw new Error(
      `\`${[file, ...commandArguments].join(' ')}\` ended with ${String(status)}: ${stderr || stdout}`,
    );
  }
  return stdout;
}

/** The same, but a program that is missing or fails is an answer, not an error. */
export async function tryCommand(
  file: string,
  commandArguments: readonly string[],
  options: RunCommandOptions = {},
): Promise<string | undefined> {
  try {
    return await runCommand(file, commandArguments, options);
  } catch {
    return undefined;
  }
}
