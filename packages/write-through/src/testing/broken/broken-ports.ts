import { interceptedStore, type StoreStep } from '../../intercepted-store.ts';
import type { SourceRecord } from '../../record-source.ts';
import type { Attempt } from '../../entry.ts';
import type { CommitOutcome } from '../../transactions.ts';
import type { EnginePorts } from '../interleaving/engine-ports.ts';
import { registerId } from '../interleaving/register-engine.ts';
import { overridden } from './overridden.ts';

/** A lease names the client that took it, not the request. */
export function tokenPerClient(ports: EnginePorts): EnginePorts {
  const { store, ambient } = ports;
  const own = ambient.token();
  return {
    ...ports,
    store: overridden(store, {
      lease: async (epoch, key, { token, lifeMs }) => {
        const entry = await store.lease(epoch, key, { token: own, lifeMs });
        return entry.state === 'lease' && entry.token === own ? { state: 'lease', token } : entry;
      },
      fill: async (epoch, key, { entry }) => store.fill(epoch, key, { token: own, entry }),
    }),
  };
}

/** Every send of INTEND and PUBLISH by one transaction carries the same token. */
export function tokenPerTransaction(ports: EnginePorts): EnginePorts {
  const { store } = ports;
  return {
    ...ports,
    store: overridden(store, {
      intend: async (epoch, key, { attempt, nonce }) =>
        store.intend(epoch, key, { attempt: underOneToken(attempt), nonce }),
      publish: async (epoch, key, { attempt, entry }) =>
        store.publish(epoch, key, { attempt: underOneToken(attempt), entry }),
      abandon: async (epoch, key, attempt) => store.abandon(epoch, key, underOneToken(attempt)),
    }),
  };
}

/** The row is read before the transactions are asked for, and taken for what they left. */
export function rowBeforeStatus(ports: EnginePorts): EnginePorts {
  const { source, transactions } = ports;
  const early = readEarly(source);
  return {
    ...ports,
    source: early.source,
    transactions: {
      begin: async () => transactions.begin(),
      statuses: async (xids) => {
        await early.read();
        return transactions.statuses(xids);
      },
    },
  };
}

/** A warm-up selects its page first, and takes the leases of what it has. */
export function rowsBeforeLeases(ports: EnginePorts): EnginePorts {
  const { source, store } = ports;
  const early = readEarly(source);
  return {
    ...ports,
    source: early.source,
    store: overridden(store, {
      leaseMany: async (epoch, leases) => {
        await early.read();
        return store.leaseMany(epoch, leases);
      },
    }),
  };
}

/** The same source, whose next load gets the rows that were read by then, if any were. */
function readEarly(source: EnginePorts['source']) {
  let rows: ReadonlyMap<string, SourceRecord<string>> | undefined;
  return {
    read: async () => {
      rows = await source.load([registerId]);
    },
    source: {
      ...source,
      load: async (ids: readonly number[]) => {
        const loaded = rows ?? (await source.load(ids));
        rows = undefined;
        return loaded;
      },
    },
  };
}

/** Of the writes that have ended, RESOLVE takes out some and does not offer the row that it read. */
export function partWithoutRow(ports: EnginePorts): EnginePorts {
  const { store } = ports;
  return {
    ...ports,
    store: overridden(store, {
      resolve: async (epoch, key, resolution) =>
        store.resolve(
          epoch,
          key,
          resolution.type === 'part' ? { ...resolution, entry: undefined } : resolution,
        ),
    }),
  };
}

/** The step gives the entry a life that ends, as a lock with a time limit has; `evict` may find it pending. */
export function lifeGivenBy(
  giving: StoreStep,
): (ports: EnginePorts, evict: () => void) => EnginePorts {
  return ({ store, ambient, ...ports }, evict) => ({
    ...ports,
    ambient,
    store: interceptedStore(store, async (step, send) => {
      const answer = await send();
      if (step === giving) void ambient.wait(shortLifeMs).then(evict);
      return answer;
    }),
  });
}

const shortLifeMs = 200;

/** The epoch row is read before the lock that guards it was waited for. */
export function rowBeforeLock(ports: EnginePorts): EnginePorts {
  const { register, transactions } = ports;
  return {
    ...ports,
    transactions: {
      statuses: async (xids) => transactions.statuses(xids),
      begin: async () => {
        const { row: epochRow } = await register.read();
        return { ...(await transactions.begin()), epochRow };
      },
    },
  };
}

/** COMMIT was answered, so it is taken for done, whatever the tag says. */
export const ignoresTag = commitTakenAs((outcome) =>
  outcome === 'rolled back' ? 'committed' : outcome,
);

/** The answer to COMMIT was lost, so it is taken for done. */
export const guessesOutcome = commitTakenAs((outcome) =>
  outcome === 'unknown' ? 'committed' : outcome,
);

/** The answer to COMMIT was lost, so it is taken for a rollback. */
export const givesUpUnknown = commitTakenAs((outcome) =>
  outcome === 'unknown' ? 'rolled back' : outcome,
);

function commitTakenAs(
  taken: (outcome: CommitOutcome) => CommitOutcome,
): (ports: EnginePorts) => EnginePorts {
  return (ports) => ({
    ...ports,
    transactions: {
      statuses: async (xids) => ports.transactions.statuses(xids),
      begin: async () => {
        const transaction = await ports.transactions.begin();
        return { ...transaction, commit: async () => taken(await transaction.commit()) };
      },
    },
  });
}

function underOneToken({ xid }: Attempt): Attempt {
  return { xid, token: xid.toString(16).padStart(16, '0') };
}
