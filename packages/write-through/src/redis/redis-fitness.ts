/** Whether an instance may hold entries, and who it is. */
export type Fitness =
  | { readonly fit: true; readonly identity: string }
  | { readonly fit: false; readonly reason: string };

/** What a server was started as, and so which commands it takes. */
export type RedisMode = 'standalone' | 'cluster';

const versionMin = 7;

export const noClusterNode =
  'It is no node of a Redis Cluster; set its url (REDIS_URL) instead of clusterUrls (REDIS_CLUSTER_URLS).';

/** Reads the answer of INFO for the sections server, replication and memory. */
export function readFitness(info: string, expected: RedisMode): Fitness {
  const fields = new Map(
    info.split('\r\n').map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
  const runId = fields.get('run_id');
  const replicationId = fields.get('master_replid');
  const role = fields.get('role');
  const version = fields.get('redis_version');
  const policy = fields.get('maxmemory_policy');
  const mode = fields.get('redis_mode') ?? fields.get('server_mode'); // the latter is Valkey's
  if (mode !== undefined && mode !== expected) return unfit(describeMode(mode));
  if (!runId || !replicationId || !role || !version) {
    return unfit(
      'INFO does not tell its run id, replication id, role and version; a proxy may hide them.',
    );
  }
  if (Number.parseInt(version, 10) < versionMin) {
    return unfit(`Its version is ${version}; ${versionMin}.0 or newer is needed.`);
  }
  if (role !== 'master') return unfit(`Its role is ${role}; only a primary can hold the cache.`);
  if (policy?.startsWith('allkeys-') === true) {
    return unfit(
      `Its maxmemory-policy is ${policy}, which evicts entries of pending writes; ` +
        'use noeviction or one of volatile-*.',
    );
  }
  return { fit: true, identity: `${runId}/${replicationId}/${role}` };
}

function describeMode(mode: string): string {
  switch (mode) {
    case 'sentinel':
      return (
        'It is a Sentinel; the path of its url (REDIS_URL) has to be the name of what it watches, ' +
        'such as redis://host:26379,host:26379/mymaster.'
      );
    case 'cluster':
      return 'It is a node of a Redis Cluster; set clusterUrls (REDIS_CLUSTER_URLS) instead of url (REDIS_URL).';
    default:
      return noClusterNode;
  }
}

function unfit(reason: string): Fitness {
  return { fit: false, reason: `This Redis cannot be used. ${reason}` };
}
