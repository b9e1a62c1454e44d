import { createClient } from 'redis';

export interface RedisMemory {
  /** Bytes that the server uses, its own buffers included. */
  readonly usedBytes: number;
  readonly keys: number;
}

export async function redisMemory(url: string): Promise<RedisMemory> {
  const client = createClient({ url });
  await client.connect();
  try {
    const info = await client.info('memory');
    const usedBytes = Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
    return { usedBytes, keys: await client.dbSize() };
  } finally {
    client.destroy();
  }
}
