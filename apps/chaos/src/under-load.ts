import { audit, type AuditResult } from './audit.ts';
import type { Committed } from './audit-trail.ts';
import { type Balanced, Bed, type OnFailure } from './bed.ts';
import { Catalogue } from './catalogue.ts';
import { History } from './history.ts';
import type { Violation } from './operation.ts';
import type { Random } from './random.ts';
import { readUntilStopped } from './readers.ts';
import { recover, type Recovery } from './recovery.ts';
import type { ServerLog } from './server-log.ts';
import type { Setting, Store } from './store.ts';
import { Tally } from './tally.ts';
import { writeUntilStopped } from './writers.ts';

export interface LoadRun<S extends Store> {
  readonly random: Random;
  readonly onFailure: OnFailure;
  readonly setting: Setting<S>;
  readonly balanced?: Balanced | undefined;
}

export interface UnderLoad<S extends Store> {
  readonly bed: Bed<S>;
  readonly tally: Tally;
}

export interface RunResult extends AuditResult, Recovery {
  readonly history: History;
  readonly tally: Tally;
  readonly violations: readonly Violation[];
  readonly committed: readonly Committed[];
  /** How long the load went on. */
  readonly loadMs: number;
  /** What the service processes logged, by their names. */
  readonly logs: ReadonlyMap<string, ServerLog>;
}

const [readers, writers, servers, categories] = [24, 8, 3, 3];

/** Does something while the service is under load, and checks everything that anybody was told. */
export async function underLoad<S extends Store>(
  { random, onFailure, setting, balanced }: LoadRun<S>,
  happen: (parts: UnderLoad<S>) => Promise<void>,
): Promise<RunResult> {
  await using bed = await Bed.open({
    random: random.fork(),
    onFailure,
    servers,
    setting,
    balanced,
  });
  const [history, tally] = [new History(), new Tally()];
  const catalogue = await Catalogue.create(bed, categories);
  const ending = new AbortController();
  const parts = { bed, catalogue, history, tally, signal: ending.signal };
  const beganMs = performance.now();
  const load = Promise.all([
    ...Array.from({ length: writers }, async () =>
      writeUntilStopped({ ...parts, random: random.fork() }),
    ),
    ...Array.from({ length: readers }, async () =>
      readUntilStopped({ ...parts, random: random.fork() }),
    ),
  ]);
  try {
    await Promise.race([happen({ bed, tally }), load]);
  } finally {
    ending.abort();
    await bed.heal();
    await load;
  }
  const loadMs = performance.now() - beganMs;
  const recovery = await recover({ ...parts, random });
  const committed = await bed.trail.committed();
  const audited = audit(history, committed, await bed.trail.stored());
  const logs = new Map(bed.members.map(({ name, process }) => [name, process.log]));
  return {
    ...recovery,
    ...audited,
    violations: [...history.violations, ...recovery.violations, ...audited.violations],
    history,
    tally,
    committed,
    loadMs,
    logs,
  };
}
