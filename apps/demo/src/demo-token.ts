import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const tokenLife = '30 days';

/** The secret of this checkout, made at the first start and kept, and a token of every scope under it. */
export async function openDemoToken(directory: string): Promise<{ secret: string; token: string }> {
  const secret = await keptSecret(path.join(directory, 'auth-secret'));
  return { secret, token: await signDemoToken(secret) };
}

/** A token of every scope under the secret. */
export async function signDemoToken(secret: string): Promise<string> {
  return new SignJWT({ scope: 'catalog:read catalog:write cache:admin' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('demo')
    .setExpirationTime(tokenLife)
    .sign(new TextEncoder().encode(secret));
}

async function keptSecret(file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  try {
    // Only the first start makes the file; a second one that races with it finds it.
    await writeFile(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (err) {
    if (!(err instanceof Error && 'code' in err && err.code === 'EEXIST')) throw err;
  }
  return (await readFile(file, 'utf8')).trim();
}
