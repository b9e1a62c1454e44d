import { createClient } from 'redis';
import { type EngineValue, keyCount, serveEngine, valueOf } from './serve-engine.ts';

// GET and JSON.parse, and nothing else.
await serveEngine(async ({ REDIS_URL }) => {
  const client = createClient({ url: REDIS_URL });
  await client.connect();
  for (let id = 1; id <= keyCount; id += 1) {
    await client.set(`bare:${id}`, JSON.stringify(valueOf(id)));
  }
  return async (id) => {
    const value: EngineValue = JSON.parse((await client.get(`bare:${id}`)) ?? 'null');
    return value;
  };
});
