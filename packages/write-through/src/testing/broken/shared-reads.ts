import type { Entries, Untrusted } from '../../entry-store.ts';
import type { ReadResult } from '../../reader.ts';
import type { EnginePorts } from '../interleaving/engine-ports.ts';
import type { Engine } from '../interleaving/play.ts';
import { overridden } from './overridden.ts';

/** One load shared by all who ask while it is under way, those who ask after it was sent too. */
export function sharedReads(engine: Engine): Engine {
  let underWay: Promise<ReadResult<string>> | undefined;
  return {
    ...engine,
    read: async () => {
      underWay ??= engine.read().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };
}

/** One MGET shared by all who ask until it is answered, those who ask after it was sent too. */
export function sharedGets(ports: EnginePorts): EnginePorts {
  const { store } = ports;
  let underWay: Promise<Entries | Untrusted> | undefined;
  return {
    ...ports,
    store: overridden(store, {
      get: async (epoch, keys) => {
        underWay ??= store.get(epoch, keys).finally(() => {
          underWay = undefined;
        });
        return underWay;
      },
    }),
  };
}
