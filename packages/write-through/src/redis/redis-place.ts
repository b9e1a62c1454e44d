/** Where one server listens. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** How a server is spoken to. */
export interface RedisAccess {
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
}

/** What entries are kept in: one Redis, the primary that Sentinels name, or the primaries of a cluster. */
export type RedisPlace =
  | {
      readonly kind: 'standalone';
      readonly address: RedisAddress;
      readonly access: RedisAccess;
      readonly database: number;
    }
  | {
      readonly kind: 'sentinel';
      /** What the Sentinels call the primary and its replicas. */
      readonly name: string;
      readonly sentinels: readonly RedisAddress[];
      readonly access: RedisAccess;
      readonly sentinelAccess: RedisAccess;
    }
  | {
      readonly kind: 'cluster';
      readonly seeds: readonly RedisAddress[];
      readonly access: RedisAccess;
    };

/**
 * A place by its URLs. `url`: one Redis, `redis://user:password@host:6379/0`; or Sentinels, with the name of what they
 * watch as the path, `redis://user:password@host:26379,host:26379/mymaster?sentinelPassword=…`.
 * `clusterUrls`: some nodes of a Redis Cluster. `rediss:` speaks TLS to all of them.
 */
export type RedisLocation =
  | { readonly url: string }
  | {
      readonly clusterUrls: readonly string[];
    };

/** Throws a TypeError, which shows no password, when no place can be meant by these URLs. */
export function parseRedisLocation(location: RedisLocation): RedisPlace {
  return 'url' in location ? parseUrl(location.url) : parseClusterUrls(location.clusterUrls);
}

const redisPort = 6_379;
const sentinelPort = 26_379;

function parseUrl(url: string): RedisPlace {
  const { access, hosts, path, query } = splitUrl(url);
  if (/^\d*$/.test(path)) {
    refuseQuery(query);
    const [address] = hosts.map((host) => parseHost(host, redisPort));
    if (address === undefined || hosts.length > 1) {
      throw new TypeError('Several hosts are Sentinels: the path has to name what they watch.');
    }
    return { kind: 'standalone', address, access, database: Number(path) };
  }
  const { sentinelUsername: username, sentinelPassword: password, ...unknown } = query;
  refuseQuery(unknown);
  return {
    kind: 'sentinel',
    name: path,
    sentinels: hosts.map((host) => parseHost(host, sentinelPort)),
    access,
    sentinelAccess: {
      tls: access.tls,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    },
  };
}

function parseClusterUrls(urls: readonly string[]): RedisPlace {
  const nodes = urls.map((url) => {
    const { access, hosts, path, query } = splitUrl(url);
    refuseQuery(query);
    const [address] = hosts.map((host) => parseHost(host, redisPort));
    if (address === undefined || hosts.length > 1 || !/^0?$/.test(path)) {
      throw new TypeError('A node of a cluster has one host and no database but 0.');
    }
    return { access, address };
  });
  const [first] = nodes;
  if (first === undefined) throw new TypeError('A cluster has at least one node.');
  if (nodes.some(({ access }) => !isSameAccess(access, first.access))) {
    throw new TypeError('All nodes of a cluster have the same scheme, user and password.');
  }
  const seeds = nodes.map(({ address }) => address);
  return { kind: 'cluster', seeds, access: first.access };
}

const urlForm =
  /^(?<scheme>rediss?):\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^/?#]*))?(?:\?(?<query>[^#]*))?$/;

interface UrlParts {
  readonly access: RedisAccess;
  readonly hosts: readonly string[];
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** No URL of the standard has several hosts. */
function splitUrl(url: string): UrlParts {
  const parts = urlForm.exec(url)?.groups;
  if (parts === undefined) throw new TypeError('It is no redis:// or rediss:// URL.');
  const { scheme, user = '', password, hosts = '', path = '', query = '' } = parts;
  return {
    access: {
      tls: scheme === 'rediss',
      ...(user === '' ? {} : { username: decode(user) }),
      ...(password === undefined ? {} : { password: decode(password) }),
    },
    hosts: hosts.split(','),
    path: decode(path),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function parseHost(host: string, defaultPort: number): RedisAddress {
  // Of a scheme without a default port, so that none is left out.
  const url = URL.parse(`redis://${host}`);
  if (url === null || url.hostname === '') throw new TypeError('A host is not valid.');
  const port = url.port === '' ? defaultPort : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

function refuseQuery(query: Readonly<Record<string, string>>): void {
  const [name] = Object.keys(query);
  if (name !== undefined) throw new TypeError(`The parameter ${name} means nothing here.`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError('A special character is not percent-encoded.');
  }
}

function isSameAccess(one: RedisAccess, other: RedisAccess): boolean {
  return (
    one.tls === other.tls && one.username === other.username && one.password === other.password
  );
}

/** For a person, and to compare. */
export function describeAddress({ host, port }: RedisAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
