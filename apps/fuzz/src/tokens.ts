import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import type { TokenName } from './call-requests.ts';

const bothScopes = 'catalog:read catalog:write';

/** Each token that inputs name, signed or not as its name says. */
export async function tokensOf(secret: string): Promise<ReadonlyMap<TokenName, string>> {
  const sign = async (scope: string, by = secret, exp = '1 day') =>
    new SignJWT({ scope })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('fuzz')
      .setExpirationTime(exp)
      .sign(new TextEncoder().encode(by));
  const all = await sign(`${bothScopes} cache:admin`);
  const [, claims = ''] = all.split('.');
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
  return new Map<TokenName, string>([
    ['read', await sign('catalog:read')],
    ['write', await sign('catalog:write')],
    ['admin', await sign('cache:admin')],
    ['all', all],
    ['expired', await sign(bothScopes, secret, '1 hour ago')],
    ['forged', await sign(bothScopes, randomBytes(32).toString('hex'))],
    ['unsigned', unsigned],
  ]);
}
