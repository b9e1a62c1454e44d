import { describe, expect, it } from 'vitest';
import { parseRedisLocation } from './redis-place.ts';

const plain = { tls: false };

describe('where a Redis is', () => {
  it('is one host, with a database by its number or none', () => {
    expect(parseRedisLocation({ url: 'redis://cache' })).toEqual({
      kind: 'standalone',
      address: { host: 'cache', port: 6379 },
      access: plain,
      database: 0,
    });
    expect(parseRedisLocation({ url: 'rediss://me:p%40ss@[::1]:7000/3' })).toEqual({
      kind: 'standalone',
      address: { host: '::1', port: 7000 },
      access: { tls: true, username: 'me', password: 'p@ss' },
      database: 3,
    });
  });

  it('is what Sentinels call by a name', () => {
    expect(parseRedisLocation({ url: 'redis://:secret@s1:26380,s2/my-master' })).toEqual({
      kind: 'sentinel',
      name: 'my-master',
      sentinels: [
        { host: 's1', port: 26380 },
        { host: 's2', port: 26379 },
      ],
      access: { ...plain, password: 'secret' },
      sentinelAccess: plain,
    });
  });

  it('has for its Sentinels a user and a password of their own', () => {
    const url = 'rediss://me:secret@s1/main?sentinelUsername=asker&sentinelPassword=an%26other';
    expect(parseRedisLocation({ url })).toMatchObject({
      access: { tls: true, username: 'me', password: 'secret' },
      sentinelAccess: { tls: true, username: 'asker', password: 'an&other' },
    });
  });

  it('is the nodes of a cluster, all spoken to alike', () => {
    const clusterUrls = ['rediss://me:secret@one:7000', 'rediss://me:secret@two/0'];
    expect(parseRedisLocation({ clusterUrls })).toEqual({
      kind: 'cluster',
      seeds: [
        { host: 'one', port: 7000 },
        { host: 'two', port: 6379 },
      ],
      access: { tls: true, username: 'me', password: 'secret' },
    });
  });

  it.each([
    { url: '' },
    { url: 'redis:' },
    { url: 'redis://' },
    { url: 'redis:///0' },
    { url: 'http://cache' },
    { url: 'redis://cache:99999' },
    { url: 'redis://:secret%@cache' },
    { url: 'redis://a:secret@b@cache' },
    { url: 'redis://one,two' },
    { url: 'redis://one,two/0' },
    { url: 'redis://one,,two/main' },
    { url: 'redis://cache/main/0' },
    { url: 'redis://cache?db=1' },
    { url: 'redis://cache/main?password=secret' },
    { clusterUrls: [] },
    { clusterUrls: [''] },
    { clusterUrls: ['redis://one/1'] },
    { clusterUrls: ['redis://one,two'] },
    { clusterUrls: ['redis://one', 'rediss://two'] },
    { clusterUrls: ['redis://:secret@one', 'redis://two'] },
  ])('is not told by %j, and the complaint shows no password', (location) => {
    const parse = () => parseRedisLocation(location);
    expect(parse).toThrow(TypeError);
    expect(parse).not.toThrow(/secret/);
  });
});
