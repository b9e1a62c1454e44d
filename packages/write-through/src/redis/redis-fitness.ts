/** Whether an instance may hold entries, and who it is. */
export type Fitness =
  | { readonly fit: true; readonly identity: string }
  | { readonly fit: false; readonly reason: string };

const versionMin = 7;

/** Reads the answer of INFO for the sections server, replication and memory. */
export function readFitness(info: string): Fitness {
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

function unfit(reason: string): Fitness {
  return { fit: false, reason: `This Redis cannot be used. ${reason}` };
}
