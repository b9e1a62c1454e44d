import type { AlertTimes, Verdict } from './verdict.ts';

const heads = ['fault', 'alert', 'fired', 'stated', 'cleared', 'stated', 'unexpected'];

/** A table of all drills, and below it, in sentences, what was not as stated. */
export function report(verdicts: readonly Verdict[]): string {
  const rows = verdicts.flatMap(rowsOf);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = [heads, widths.map((width) => '-'.repeat(width)), ...rows].map((row) => {
    const cells = widths.map((width, column) => (row[column] ?? '').padEnd(width));
    return `| ${cells.join(' | ')} |`;
  });
  return [...lines, '', ...verdicts.map(verdictText)].join('\n');
}

function rowsOf({ drill, alerts, unexpected }: Verdict): string[][] {
  const strange = unexpected.join(', ') || 'none';
  return alerts.map((times, place) => [
    place === 0 ? drill.name : '',
    times.alert,
    ...timesText(times),
    place === 0 ? strange : '',
  ]);
}

function timesText(times: AlertTimes): string[] {
  return [
    secondsText(times.firedAfterSeconds),
    secondsText(times.firesWithinSeconds),
    secondsText(times.clearedAfterSeconds),
    secondsText(times.clearsWithinSeconds),
  ];
}

function secondsText(seconds: number | undefined): string {
  return seconds === undefined ? 'never' : `${seconds.toFixed(1)} s`;
}

/** What somebody reads at three in the morning: was it right, and if not, what was wrong. */
function verdictText({ drill, inhibited, problems }: Verdict): string {
  const quiet = inhibited.length === 0 ? '' : ` Kept quiet: ${inhibited.join(', ')}.`;
  if (problems.length === 0) return `${drill.name}: as stated.${quiet}`;
  const told = problems.map((problem) => `  - ${problem}`);
  return [`${drill.name}: NOT AS STATED. ${drill.fault}`, ...told].join('\n');
}
