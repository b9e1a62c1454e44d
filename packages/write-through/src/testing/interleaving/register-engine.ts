import { Bulkhead } from '../../bulkhead.ts';
import { CachedRecords } from '../../cached-records.ts';
import type { EpochKeeper } from '../../epoch-keeper.ts';
import type { Epoch } from '../../epoch.ts';
import { defaultLimits } from '../../limits.ts';
import type { RecordSource } from '../../record-source.ts';
import { Sweeper } from '../../sweeper.ts';
import { pagesOf } from '../../warm.ts';
import type { AppliedWrite, LastStep, WritePlan } from '../../write-plan.ts';
import { Writer } from '../../writer.ts';
import type { RegisterRow, RegisterSession } from '../register-session.ts';
import type { EnginePorts } from './engine-ports.ts';
import type { NetworkProcess } from './network.ts';
import type { Engine, WriteAct } from './play.ts';

/** The one register of a play. */
export const registerId = 1;
export const registerKey = 'register:1';

/** Everything that is pending is swept at once, and every hit extends. */
export const hastyLimits = { ...defaultLimits, overdueMs: 0, extendBelowRatio: 2 };

/** Readers and writer of one process within one epoch, without the keeper that ends it. */
export function registerEngine(
  { store, transactions, source, ambient }: EnginePorts,
  process: NetworkProcess,
  epoch: Epoch,
): Engine {
  const epochs: Pick<EpochKeeper, 'current' | 'distrust' | 'writable' | 'suspect' | 'surrender'> = {
    current: epoch,
    distrust: () => undefined,
    writable: async () => true,
    suspect: () => undefined,
    surrender: () => undefined,
  };
  const bulkhead = new Bulkhead({ runningMax: 8, waitingMax: 100 });
  const parts = {
    store,
    transactions,
    epochs,
    ambient,
    limits: hastyLimits,
    bulkhead,
    onFailure: 'reject',
  } as const;
  const records = new CachedRecords(source, parts);
  const writer = new Writer(parts);
  const sweeper = new Sweeper(parts);
  return {
    process,
    read: eitherWay(records, source),
    write: async (by, act) => writer.write(registerPlan(records, by, act)),
    sweep: async () => sweeper.sweep(),
    warm: async () => warmRegister(records),
  };
}

/** Every second read gets the payload, which has to keep the same promise. */
export function eitherWay(
  records: Pick<CachedRecords<number, string>, 'read' | 'readEncoded'>,
  source: Pick<RecordSource<number, string>, 'decode'>,
): Engine['read'] {
  let isEncoded = false;
  return async () => {
    isEncoded = !isEncoded;
    if (!isEncoded) return records.read(registerId);
    const { outcome, value } = await records.readEncoded(registerId);
    return { outcome, value: value === undefined ? undefined : source.decode(value) };
  };
}

export async function warmRegister(
  records: Pick<CachedRecords<number, string>, 'warm'>,
): Promise<void> {
  await Array.fromAsync(records.warm(pagesOf([registerId])));
}

export function registerPlan(
  records: CachedRecords<number, string>,
  by: string,
  act: WriteAct,
): WritePlan<RegisterSession, RegisterRow> {
  return async (db) => ({
    entries: [records.entry(registerId)],
    apply: async (last) => {
      if (isHasty(act)) return hastyStep(records, last, by, act);
      const row = await db.increment(registerId, by);
      if (act === 'failing write') throw new Error('The plan refuses.');
      if (act === 'careless write') await db.fail().catch(() => undefined);
      return appliedTo(records, row);
    },
  });
}

function hastyStep(
  records: CachedRecords<number, string>,
  last: RegisterSession,
  by: string,
  act: HastyAct,
): LastStep<RegisterSession, RegisterRow> {
  const row = last.increment(registerId, by);
  if (act === 'hasty careless write') last.fail().catch(() => undefined);
  return {
    ending: row.then((written) => appliedTo(records, written)),
    recall: async (db) => {
      const found = await db.find(registerId);
      return found.text.endsWith(` by ${by}`) ? appliedTo(records, found) : undefined;
    },
  };
}

type HastyAct = Extract<WriteAct, `hasty ${string}`>;

function isHasty(act: WriteAct): act is HastyAct {
  return act === 'hasty write' || act === 'hasty careless write';
}

function appliedTo(
  records: CachedRecords<number, string>,
  row: RegisterRow,
): AppliedWrite<RegisterRow> {
  const { version, text: value } = row;
  return { value: row, changes: [records.changedTo(registerId, { version, value })] };
}
