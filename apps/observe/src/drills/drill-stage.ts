import type { RedisServer } from '@throughline/local-stack';
import type { ThroughlineClient } from '@throughline/client';
import { createClient } from 'redis';

/** What a fault is done to. */
export interface DrillStage {
  readonly redis: RedisServer;
  readonly databaseUrl: string;
  /** sends each call once, and may do everything */
  readonly client: ThroughlineClient;
}

/** Runs commands at Redis as its administrator. */
export async function atRedis<Result>(
  { redis }: Pick<DrillStage, 'redis'>,
  run: (admin: Awaited<ReturnType<typeof adminOf>>) => Promise<Result>,
): Promise<Result> {
  const admin = await adminOf(redis.url);
  try {
    return await run(admin);
  } finally {
    admin.destroy();
  }
}

async function adminOf(url: string) {
  const admin = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2_000 } });
  admin.on('error', () => undefined);
  return admin.connect();
}
