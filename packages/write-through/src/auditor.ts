import type { Ambient } from './ambient.ts';
import type { CachedRecords } from './cached-records.ts';
import { type Comparison, isViolation } from './comparison.ts';
import type { Limits } from './limits.ts';

/** What an auditor has found since it began. */
export interface AuditState {
  /** Entries looked at. */
  readonly samples: number;
  /** Those of them that could be judged: final, and the same before and after the database was read. */
  readonly judged: number;
  /** Those of them that the database proves wrong. */
  readonly violations: number;
  /**
   * With no violation in n judged, the share of wrong answers is below 3/n at a confidence of 95 %. Null before
   * the first was judged, and once there is a violation: then the share is `violations / judged`.
   */
  readonly violationRatioBound: number | null;
}

/**
 * What an auditor made of the entries it was to look at, each of which counts once. `error`: it could not be
 * compared, because a store was away or not trusted. Those that could not be judged count nowhere.
 */
export interface AuditCounts {
  readonly same: number;
  readonly violation: number;
  readonly absent: number;
  readonly error: number;
}

/** An entry that the database proves wrong, for the log. */
export type AuditViolation<Id> = Comparison<Id>;

export interface AuditorParts<Id> {
  readonly records: Pick<CachedRecords<Id, unknown>, 'takeRecentIds' | 'compare'>;
  readonly ambient: Pick<Ambient, 'nowMs' | 'wait'>;
  readonly limits: Pick<Limits, 'auditEveryMs' | 'auditBatchMax'>;
  readonly onViolation: (violation: AuditViolation<Id>) => void;
}

/**
 * Compares entries that were just read with the database, a small batch at a time, for as long as it lives. It
 * is the protocol's watch in production: a violation is either a fault of ours or an assumption that does not
 * hold. It changes nothing, it asks nothing while the store is not trusted, and when a store fails it waits for
 * its next turn.
 */
export class Auditor<Id> implements AsyncDisposable {
  readonly #parts: AuditorParts<Id>;
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  #samples = 0;
  #judged = 0;
  #violations = 0;
  #absent = 0;
  #errors = 0;
  #lastJudgedAtMs: number | undefined;

  constructor(parts: AuditorParts<Id>) {
    this.#parts = parts;
    this.#loop = this.#run();
  }

  get state(): AuditState {
    const isClean = this.#judged > 0 && this.#violations === 0;
    return {
      samples: this.#samples,
      judged: this.#judged,
      violations: this.#violations,
      violationRatioBound: isClean ? Math.min(1, 3 / this.#judged) : null,
    };
  }

  get counts(): AuditCounts {
    return {
      same: this.#judged - this.#violations,
      violation: this.#violations,
      absent: this.#absent,
      error: this.#errors,
    };
  }

  /** By the wall clock; undefined before the first was judged. */
  get lastJudgedAtMs(): number | undefined {
    return this.#lastJudgedAtMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { ambient, limits } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await ambient.wait(limits.auditEveryMs, signal).catch(() => undefined);
      if (!signal.aborted) await this.#audit();
    }
  }

  async #audit(): Promise<void> {
    const { records, ambient, limits, onViolation } = this.#parts;
    const ids = records.takeRecentIds(limits.auditBatchMax);
    // An outage proves nothing; whoever reads and writes tells of it.
    const comparisons = await records.compare(ids).catch(() => []);
    this.#samples += comparisons.length;
    this.#errors += ids.length - comparisons.length;
    const violations = comparisons.filter(({ verdict }) => isViolation(verdict));
    const same = comparisons.filter(({ verdict }) => verdict === 'same');
    this.#absent += comparisons.filter(({ verdict }) => verdict === 'absent').length;
    this.#judged += same.length + violations.length;
    if (same.length + violations.length > 0) this.#lastJudgedAtMs = ambient.nowMs();
    this.#violations += violations.length;
    for (const violation of violations) onViolation(violation);
  }
}
