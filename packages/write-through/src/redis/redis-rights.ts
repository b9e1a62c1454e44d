import type { RedisConnection } from './redis-connection.ts';

/** Every command that a store sends or a script of it calls, on a key that is never there: none changes anything. */
const trials = (key: string): readonly (readonly string[])[] => [
  ['PING'],
  ['TIME'],
  ['GET', key],
  ['MGET', key],
  ['SET', key, '', 'PX', '1', 'XX'],
  ['DEL', key],
  ['ZADD', key, 'XX', '0', 'none'],
  ['ZREM', key, 'none'],
  ['ZCARD', key],
  ['ZRANGEBYSCORE', key, '-inf', '0', 'LIMIT', '0', '1'],
  ['EVAL', 'return 1', '1', key],
  ['EVALSHA', '0000000000000000000000000000000000000000', '1', key],
];

/**
 * What the user of a connection may not do although entries need it, for a person; found in one round trip.
 * Any other refusal is none of a right: the script is not known, the memory is full, the slot is elsewhere.
 */
export async function findMissingRight(
  connection: Pick<RedisConnection, 'ask'>,
  key: string,
): Promise<string | undefined> {
  const results = await Promise.allSettled(
    trials(key).map(async (words) => connection.ask(...words)),
  );
  const refusals = results.flatMap((result) =>
    result.status === 'rejected' && result.reason instanceof Error ? [result.reason.message] : [],
  );
  const refusal = refusals.find((message) => message.startsWith('NOPERM '));
  return refusal && `This Redis cannot be used. Its user lacks a right: ${refusal}`;
}
