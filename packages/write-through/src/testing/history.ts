/**
 * One operation on a versioned register, as its caller saw it. Times are of one monotonic clock;
 * `version` is what a read returned or a write was acknowledged with.
 */
export interface Operation {
  readonly kind: 'read' | 'write';
  readonly key: string;
  readonly version: number;
  readonly beganMs: number;
  readonly endedMs: number;
}

/** A read that returned less than what was known complete before it began, or what was not yet begun. */
export interface Violation {
  readonly type: 'stale' | 'premature';
  readonly operation: Operation;
  /** The version known complete when the operation began, or when the version's write began. */
  readonly against: number;
}

/**
 * Checks that histories of registers, whose versions grow in commit order, are linearizable. Linear in the
 * number of operations, after sorting: no read may return less than the highest version known complete when
 * it began (by an acknowledged write or an ended read), and none more than had begun before it ended.
 */
export function checkHistory(operations: readonly Operation[]): Violation[] {
  return [...Map.groupBy(operations, ({ key }) => key).values()].flatMap(checkKey);
}

function checkKey(operations: readonly Operation[]): Violation[] {
  const byBegin = operations.toSorted((one, other) => one.beganMs - other.beganMs);
  const byEnd = operations.toSorted((one, other) => one.endedMs - other.endedMs);
  const writeBegan = new Map(
    operations
      .filter(({ kind }) => kind === 'write')
      .map((write) => [write.version, write.beganMs]),
  );
  const violations: Violation[] = [];
  let complete = Number.NEGATIVE_INFINITY;
  let ended = 0;
  for (const operation of byBegin) {
    for (; ended < byEnd.length; ended += 1) {
      const earlier = byEnd[ended];
      if (earlier === undefined || earlier.endedMs >= operation.beganMs) break;
      complete = Math.max(complete, earlier.version);
    }
    if (operation.kind !== 'read') continue;
    if (operation.version < complete) {
      violations.push({ type: 'stale', operation, against: complete });
    }
    const began = writeBegan.get(operation.version);
    if (began !== undefined && began > operation.endedMs) {
      violations.push({ type: 'premature', operation, against: began });
    }
  }
  return violations;
}
