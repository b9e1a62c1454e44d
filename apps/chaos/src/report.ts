import type { Operation, Violation } from './history.ts';
import type { RunOptions, RunResult } from './run.ts';
import type { Tally } from './tally.ts';

const violationsShownMax = 5;

/** One screen that says what a run did and found. */
export function report(
  { seed, seconds, onFailure }: Pick<RunOptions, 'seed' | 'seconds' | 'onFailure'>,
  { history, tally, violations, recoveryMs }: RunResult,
): string {
  const lines = [
    `seed ${seed}, ${seconds} s, CACHE_ON_FAILURE=${onFailure}`,
    `operations      ${list(tally.operations)}`,
    `checked reads   ${history.checkedReads.toLocaleString('en')}; pages ${history.pages.length.toLocaleString('en')}; acknowledged writes ${history.acknowledged.length.toLocaleString('en')}`,
    `answers         ${shares(tally.caches)}`,
    `read latency    calm ${quantiles(tally, 'calm')}; under faults ${quantiles(tally, 'fault')}`,
    `errors          ${list(tally.errors) || 'none'}`,
    `faults          ${list(tally.faults) || 'none'}`,
    `recovery        every server hit again ${Math.round(recoveryMs)} ms after the last fault`,
    '',
    violations.length === 0
      ? 'No violation.'
      : `${violations.length} VIOLATIONS: ${list(countBy(violations))}`,
    ...violations.slice(0, violationsShownMax).flatMap(describe),
  ];
  if (violations.length > 0) {
    lines.push(
      '',
      `Replay: npm run chaos -- --seconds ${seconds} --seed ${seed} --on-failure ${onFailure}`,
    );
  }
  return lines.join('\n');
}

function describe({ rule, text, history }: Violation): string[] {
  return [
    '',
    `  ${rule}: ${text}`,
    ...history.map((operation) => `    ${describeOperation(operation)}`),
  ];
}

function describeOperation({ what, productId, version, beganMs, endedMs }: Operation): string {
  const told = version === null ? 'absent' : `version ${version}`;
  return `${beganMs.toFixed(1)} to ${endedMs.toFixed(1)} ms  ${what}: product ${productId}, ${told}`;
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([what, count]) => `${what} ${count.toLocaleString('en')}`)
    .join(', ');
}

function shares(counts: ReadonlyMap<string, number>): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts]
    .map(([what, count]) => `${what} ${((100 * count) / total).toFixed(1)} %`)
    .join(', ');
}

function quantiles({ latencies }: Tally, weather: 'calm' | 'fault'): string {
  const ms = (percent: number) => (latencies[weather].percentile(percent) / 1_000).toFixed(1);
  return latencies[weather].count === 0 ? 'none' : `p50 ${ms(50)} ms, p99 ${ms(99)} ms`;
}

function countBy(violations: readonly Violation[]): Map<string, number> {
  const groups = Map.groupBy(violations, ({ rule }) => rule);
  return new Map([...groups].map(([rule, { length }]) => [rule, length]));
}
