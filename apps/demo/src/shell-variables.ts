import { readFile, rm, writeFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import type { DemoUrls } from './demo-server.ts';

export interface ShellVariablesOptions {
  readonly file: string;
  readonly urls: DemoUrls;
  readonly token: string;
  readonly stores: Readonly<Record<'DATABASE_URL' | 'REDIS_URL', string>>;
}

/**
 * Where the service listens, a token for it, and where its stores are, as a file that a shell reads: `. .local/demo.env`. So commands are the same
 * whatever ports were free. It is there while the service is.
 */
export class ShellVariables implements AsyncDisposable {
  readonly file: string;

  private constructor(file: string) {
    this.file = file;
  }

  static async write({
    file,
    urls,
    token,
    stores,
  }: ShellVariablesOptions): Promise<ShellVariables> {
    const variables = {
      URL: urls.trpcUrl,
      METRICS_URL: urls.metricsUrl,
      HEALTH_URL: urls.healthUrl,
      TOKEN: token,
      DATABASE_URL: stores.DATABASE_URL,
      REDIS_URL: stores.REDIS_URL,
    };
    const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
    // One that a run before has left may have another mode; the token is for the user alone.
    await rm(file, { force: true });
    await writeFile(file, lines.join(''), { mode: 0o600, flag: 'wx' });
    return new ShellVariables(file);
  }

  /** Empty where there is no such file. */
  static async read(file: string): Promise<Readonly<Record<string, string | undefined>>> {
    return parseEnv(await readFile(file, 'utf8').catch(() => ''));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.file, { force: true });
  }
}
