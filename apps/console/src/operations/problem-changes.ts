import type { Problem } from './problems.ts';

/** Which problems have come and which have gone, by name alone: their numbers are others each second. Empty if none has. */
export function problemChanges(before: readonly Problem[], now: readonly Problem[]): string {
  const came = now.filter(
    ({ runbook, severity }) =>
      !before.some((one) => one.runbook === runbook && one.severity === severity),
  );
  const gone = before.filter(({ runbook }) => !now.some((one) => one.runbook === runbook));
  return [
    ...came.map(({ severity, runbook }) => `${severityWords[severity]}: ${runbook}.`),
    ...gone.map(({ runbook }) => `Over: ${runbook}.`),
  ].join(' ');
}

export const severityWords: Readonly<Record<Problem['severity'], string>> = {
  critical: 'Critical',
  warning: 'Warning',
};
