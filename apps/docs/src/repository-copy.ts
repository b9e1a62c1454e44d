import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { commitCheckout } from './commit-checkout.ts';
import { foreignVariables } from './foreign-variables.ts';
import { codeBlocksOf, fenceSettings, parseMarkdown } from './markdown.ts';
import { filesLike, root } from './repository.ts';

const run = promisify(execFile);

/**
 * A copy of the repository to change, with the packages that are installed here. It lies within the checkout, where what it has not
 * is looked for, and has links of its own between the packages of the repository.
 */
export class RepositoryCopy implements AsyncDisposable {
  readonly directory: string;
  readonly #place: string;

  private constructor(place: string) {
    this.#place = place;
    this.directory = path.join(place, 'copy');
  }

  static async make(): Promise<RepositoryCopy> {
    const scratch = path.join(root, '.local/scratch');
    await mkdir(scratch, { recursive: true });
    const copy = new RepositoryCopy(await mkdtemp(path.join(scratch, `docs-${process.pid}-`)));
    const source = path.join(copy.#place, 'source.git');
    await commitCheckout(source);
    await run('git', ['clone', '--quiet', source, copy.directory]);
    await copy.#linkPackages();
    return copy;
  }

  /** Makes the changes that a page shows: saves its files, and applies its patches in order. */
  async follow(page: string): Promise<void> {
    for (const block of codeBlocksOf(parseMarkdown(page))) {
      const file = fenceSettings(block).get('file');
      if (file !== undefined) await this.#save(file, `${block.value}\n`);
      if (block.lang === 'diff') await this.#apply(`${block.value}\n`);
    }
  }

  /** Throws, with what the compiler printed, if the package does not type-check. */
  async compile(directory: string): Promise<void> {
    await this.#program('node_modules/typescript/bin/tsc', ['--noEmit', '--project', directory]);
  }

  /** Throws, with what was printed, unless the tests of these files pass. */
  async test(...files: string[]): Promise<string> {
    const given = ['run', '--project', 'unit', '--reporter', 'verbose', ...files];
    return this.#program('node_modules/vitest/vitest.mjs', given);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#place, { recursive: true, force: true });
  }

  async #save(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(this.#path(file)), { recursive: true });
    await writeFile(this.#path(file), text);
  }

  async #apply(patch: string): Promise<void> {
    const file = path.join(this.#place, 'patch');
    await writeFile(file, patch);
    await run('git', ['apply', '-p0', file], { cwd: this.directory });
  }

  async #program(file: string, given: readonly string[]): Promise<string> {
    const program = path.join(root, file);
    const options = { cwd: this.directory, env: foreignVariables() };
    try {
      return (await run(process.execPath, [program, ...given], options)).stdout;
    } catch (err) {
      const printed = err instanceof Error && 'stdout' in err ? String(err.stdout) : '';
      throw new Error(`${path.basename(file)} ${given.join(' ')} failed:\n${printed}`, {
        cause: err,
      });
    }
  }

  async #linkPackages(): Promise<void> {
    const own = 'node_modules/@throughline';
    // Relative links lead from the copy to packages of the copy.
    await cp(path.join(root, own), this.#path(own), { recursive: true, verbatimSymlinks: true });
    for (const manifest of await filesLike('{apps,packages}/*/package.json')) {
      const nested = path.join(path.dirname(manifest), 'node_modules');
      const installed = path.join(root, nested);
      if (existsSync(installed)) await symlink(installed, this.#path(nested));
    }
  }

  #path(file: string): string {
    return path.join(this.directory, file);
  }
}
