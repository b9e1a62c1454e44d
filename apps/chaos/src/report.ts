import type { OnFailure } from './bed.ts';
import type { Operation, Violation } from './operation.ts';
import type { RunResult } from './under-load.ts';
import type { Tally, Weather } from './tally.ts';

/** How a run was asked for. */
export interface Asked {
  readonly seed: number;
  readonly seconds: number;
  readonly store: string;
  readonly onFailure: OnFailure;
  /** Empty: all of them. */
  readonly faults: readonly string[];
}

/** What it was asked for with, and the names of all faults that could have been drawn. */
export interface Reported extends Asked {
  readonly faultNames: readonly string[];
}

const violationsShownMax = 4;
/** What happened so long before can still be the reason. */
const beforeMs = 5_000;
const afterMs = 200;
const logLinesShownMax = 15;
const logCharactersMax = 240;
const versionsShownMax = 6;
const faultsNamedMax = 5;

/** One screen that says what a run did and found. */
export function report(asked: Reported, result: RunResult): string {
  const { history, tally, violations, recoveryMs, stock, openWritesMade } = result;
  const [{ calm, fault }, seconds] = [tally.reads, result.loadMs / 1_000];
  const reads = calm.count + fault.count;
  return [
    `seed ${asked.seed}, ${asked.seconds} s, ${asked.store}, CACHE_ON_FAILURE=${asked.onFailure}`,
    `checked reads   ${figure(history.checkedReads)} (${figure(Math.round(reads / seconds))} per second), ${percent(fault.count, reads)} of them under faults`,
    `cache hits      ${percent(calm.hits + fault.hits, calm.answers + fault.answers)} of the answers, wholly; calm ${percent(calm.hits, calm.answers)}, under faults ${percent(fault.hits, fault.answers)}`,
    `read latency    calm ${quantiles(tally, 'calm')}; under faults ${quantiles(tally, 'fault')}`,
    `categories read ${figure(history.pages.length)}`,
    `writes          ${figure(history.acknowledged.length)} acknowledged; ${figure(history.open.length)} of unknown outcome, of which ${figure(openWritesMade)} were made; ${figure(result.committed.length)} versions committed`,
    `sent again      ${list(tally.repeats) || 'none'}`,
    `stock           ${stock.created} created ${signed(stock.acknowledged)} acknowledged ${signed(stock.resolved)} of unknown outcome ${signed(-stock.deleted)} deleted = ${stock.stored} stored`,
    `operations      ${list(tally.operations)}`,
    `reads refused   ${list(tally.refusedReads) || 'none'}`,
    `writes refused  ${list(tally.refusedWrites) || 'none'}`,
    `faults          ${figure(tally.timeline.length)}, ${describeKinds(asked, tally)}`,
    `recovery        every server hit again ${Math.round(recoveryMs)} ms after the last fault`,
    `auditors        ${figure(result.judged)} entries judged by the servers themselves since they last began`,
    '',
    ...(violations.length === 0 ? ['No violation.'] : describeViolations(asked, result)),
  ].join('\n');
}

/** Whoever reads of no violation has to know which faults there were none of. */
function describeKinds({ faultNames }: Reported, { faults }: Tally): string {
  const missing = faultNames.filter((name) => !faults.has(name));
  const kinds = `of ${figure(faults.size)} of ${figure(faultNames.length)} kinds`;
  if (missing.length === 0 || missing.length > faultsNamedMax) return kinds;
  return `${kinds}; never: ${missing.join('; ')}`;
}

/** The first to be seen come first: what follows is often their echo. */
function describeViolations(asked: Asked, result: RunResult): string[] {
  const { violations } = result;
  const inOrder = violations.toSorted((one, other) => seenMs(one) - seenMs(other));
  return [
    `${violations.length} VIOLATIONS: ${list(countBy(violations))}`,
    ...inOrder.slice(0, violationsShownMax).flatMap((violation) => describe(violation, result)),
    '',
    `Replay: ${replay(asked)}`,
    'The seed fixes the faults, their order and their targets, not how messages interleave: try more than once.',
  ];
}

function replay({ seed, seconds, store, onFailure, faults }: Asked): string {
  const chosen = faults.map((name) => ` --fault '${name}'`).join('');
  return `npm run chaos -- --seconds ${seconds} --seed ${seed} --store ${store} --on-failure ${onFailure}${chosen}`;
}

/** What cannot all be true, what was committed of that product at the time, what was broken and what was logged. */
function describe(violation: Violation, result: RunResult): string[] {
  const { rule, text, history } = violation;
  const endedMs = seenMs(violation);
  const beganMs = Math.min(endedMs, ...history.map((operation) => operation.beganMs));
  const span = { fromMs: beganMs - beforeMs, toMs: endedMs + afterMs };
  return [
    '',
    `  ${rule}: ${text}`,
    ...history.map((operation) => `    ${describeOperation(operation)}`),
    ...describeCommitted(history, result),
    ...describeFaults(span, result),
    ...describeLogs(span, result),
  ];
}

function describeOperation({
  what,
  productId,
  version,
  beganMs,
  endedMs,
  cache,
}: Operation): string {
  const told = version === null ? 'absent' : `version ${version}`;
  const from = cache === undefined ? '' : `, x-cache ${cache}`;
  return `${beganMs.toFixed(1)} to ${endedMs.toFixed(1)} ms  ${what}: product ${productId}, ${told}${from}`;
}

function describeCommitted(history: readonly Operation[], { committed }: RunResult): string[] {
  const productId = history[0]?.productId;
  const versions = history.flatMap(({ version }) => (version === null ? [] : [version]));
  if (productId === undefined || versions.length === 0) return [];
  const [first, last] = [Math.min(...versions), Math.max(...versions) + 1];
  return committed
    .filter(({ id, version }) => id === productId && version >= first && version <= last)
    .slice(0, versionsShownMax)
    .map(({ version, row, committedAtMs }) => {
      const atMs = committedAtMs - performance.timeOrigin;
      return `    ${atMs.toFixed(1)} ms  committed: version ${version}, ${row === null ? 'deleted' : JSON.stringify(row)}`;
    });
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function describeFaults({ fromMs, toMs }: Span, { tally }: RunResult): string[] {
  return tally.timeline
    .filter((fault) => fault.endedMs >= fromMs && fault.beganMs <= toMs)
    .map(
      (fault) =>
        `    ${fault.beganMs.toFixed(1)} to ${fault.endedMs.toFixed(1)} ms  fault: ${fault.name}`,
    );
}

function describeLogs({ fromMs, toMs }: Span, { logs }: RunResult): string[] {
  const said = [...logs].flatMap(([name, log]) =>
    log.between(fromMs, toMs).map(({ atMs, text }) => ({ atMs, text: `${name}: ${text}` })),
  );
  return said
    .toSorted((one, other) => one.atMs - other.atMs)
    .slice(-logLinesShownMax)
    .map(({ atMs, text }) => `    ${atMs.toFixed(1)} ms  ${text.slice(0, logCharactersMax)}`);
}

/** Of what nobody can say when it happened, the end of all times. */
function seenMs({ history, atMs }: Violation): number {
  if (history.length === 0) return atMs ?? Number.MAX_SAFE_INTEGER;
  return Math.max(...history.map(({ endedMs }) => endedMs));
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([what, count]) => `${what} ${figure(count)}`)
    .join(', ');
}

function figure(count: number): string {
  return count.toLocaleString('en');
}

function signed(number: number): string {
  return number < 0 ? `- ${-number}` : `+ ${number}`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)} %`;
}

function quantiles({ latencies }: Tally, weather: Weather): string {
  const ms = (share: number) => (latencies[weather].percentile(share) / 1_000).toFixed(1);
  return latencies[weather].count === 0 ? 'none' : `p50 ${ms(50)} ms, p99 ${ms(99)} ms`;
}

function countBy(violations: readonly Violation[]): Map<string, number> {
  const groups = Map.groupBy(violations, ({ rule }) => rule);
  return new Map([...groups].map(([rule, { length }]) => [rule, length]));
}
