import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { root } from './repository.ts';

const run = promisify(execFile);

/**
 * Makes a bare repository of what is in this checkout, as if all that git does not ignore were committed. The checkout's own
 * repository is left alone, and need not be there.
 */
export async function commitCheckout(source: string): Promise<void> {
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', source]);
  const git = ['--git-dir', source, '--work-tree', root];
  await run('git', [...git, 'add', '--all'], { cwd: root });
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  await run('git', [...git, ...author, 'commit', '--quiet', '--message', 'The checkout'], {
    cwd: root,
  });
}
