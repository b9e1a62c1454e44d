import type { ReadResult } from '../../reader.ts';
import type { Engine } from '../interleaving/play.ts';

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
