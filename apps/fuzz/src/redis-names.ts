import { createClient } from 'redis';

/** Every name in Redis that is none of the service's: what an input could only have put there by a way around. */
export async function strangeNames(
  redisUrl: string,
  namespace: string,
): Promise<readonly string[]> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  try {
    const strange: string[] = [];
    for await (const names of client.scanIterator({ COUNT: 1_000 })) {
      strange.push(...names.filter((name) => !isName(name, namespace)));
    }
    return strange.sort();
  } finally {
    client.destroy();
  }
}

/** Marks and indexes of buckets; products, categories and their pages, the list of categories. A page begins after a name, which is any text. */
export function isName(name: string, namespace: string): boolean {
  if (!name.startsWith(`${namespace}:`)) return false;
  const ofBucket = /^\{\d{1,2}\}:(?:epoch|pending|\d+\.[\w-]+:(?<key>.*))$/s.exec(
    name.slice(namespace.length + 1),
  );
  if (ofBucket === null) return false;
  const key = ofBucket.groups?.['key'];
  return (
    key === undefined ||
    /^(product:\d{1,10}|category:\d{1,10}|category-page:\d{1,10}:[\w-]+:\d{1,3}(:\d{1,10}:.*)?|categories:all)$/s.test(
      key,
    )
  );
}
