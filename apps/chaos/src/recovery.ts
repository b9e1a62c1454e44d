import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Member } from './bed.ts';
import { productSchema } from './history.ts';
import type { Violation } from './operation.ts';
import type { LoadParts } from './readers.ts';

export interface Recovery {
  /** Until every server hit again, in milliseconds. */
  readonly recoveryMs: number;
  /** Entries that the servers themselves compared with the database. */
  readonly judged: number;
  readonly violations: readonly Violation[];
}

const recoveryMaxMs = 30_000;
const betweenMs = 100;
const productsAsked = 10;

const statusSchema = z.looseObject({
  audit: z.object({ judged: z.number(), violations: z.number() }),
});

/** With everything healed, each server must answer as the database holds it, and from the cache; what its auditor found is asked too. */
export async function recover(parts: LoadParts): Promise<Recovery> {
  const beganMs = performance.now();
  const violations: Violation[] = [];
  let judged = 0;
  for (const member of parts.bed.members) {
    const isBack = await untilHit(parts, member, beganMs + recoveryMaxMs);
    for (const { atMs, text } of member.process.ends) {
      const rule = 'a server ended by itself';
      violations.push({ rule, text: `${member.name}: ${text}`, history: [], atMs });
    }
    const status = await statusOf(parts, member);
    const text = `${member.name}: ${JSON.stringify(status)}`;
    const atMs = performance.now();
    if (!isBack) violations.push({ rule: 'a server does not recover', text, history: [], atMs });
    judged += status?.audit.judged ?? 0;
    if ((status?.audit.violations ?? 0) > 0) {
      const rule = 'the auditor of a server found a wrong entry';
      violations.push({ rule, text, history: [], atMs });
    }
  }
  return { recoveryMs: performance.now() - beganMs, judged, violations };
}

async function untilHit(parts: LoadParts, member: Member, endMs: number): Promise<boolean> {
  while (!(await readsFromCache(parts, member))) {
    if (performance.now() > endMs) return false;
    await delay(betweenMs);
  }
  return true;
}

async function readsFromCache(
  { bed, catalogue, history, tally }: LoadParts,
  { name, process }: Member,
): Promise<boolean> {
  const ids = catalogue.living.slice(0, productsAsked);
  const moment = history.now;
  const beganMs = performance.now();
  const answer = await bed.client.query(process.url, 'product.byIds', { ids });
  if (answer.outcome !== 'answered') {
    tally.count('refusedReads', `at the end ${answer.code}`);
    return false;
  }
  const { cache } = answer;
  const found = productSchema.nullable().array().parse(answer.value);
  const what = `byIds at ${name}, at the end`;
  const times = { what, beganMs, endedMs: performance.now(), cache };
  for (const [index, productId] of ids.entries()) {
    const seen = found[index] ?? null;
    history.read({ ...times, productId, version: seen?.version ?? null }, moment, seen);
  }
  return cache === 'hit';
}

async function statusOf({ bed }: LoadParts, { process }: Member) {
  const answer = await bed.client.query(process.url, 'cache.status');
  return answer.outcome === 'answered' ? statusSchema.parse(answer.value) : undefined;
}
