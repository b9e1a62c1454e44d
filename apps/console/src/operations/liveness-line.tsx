import { Text } from '@mantine/core';
import type { StatusHistory } from './status-history.ts';
import classes from './operations.module.css';
import { clockText, timeText } from './texts.ts';

interface LivenessLineProps {
  readonly history: StatusHistory;
  readonly nowMs: number;
}

/** From here on an answer is said to be old: a few questions have gone without one. */
const oldMs = 4_000;

export function isOld({ atMs }: StatusHistory, nowMs: number): boolean {
  return nowMs - atMs > oldMs;
}

/** Which process speaks, and whether it still does. */
export function LivenessLine({ history, nowMs }: LivenessLineProps) {
  const { pid, worker, startedAt } = history.status.process;
  const isLive = !isOld(history, nowMs);
  const processes = new Set(history.points.map((point) => point.process)).size;
  return (
    <Text size="sm" c="dimmed" mb="md">
      <span className={classes['live']} data-live={isLive}>
        {isLive
          ? 'Live'
          : `As of ${clockText(history.atMs)}, ${timeText(nowMs - history.atMs)} ago`}
      </span>{' '}
      <span>
        Told by process {pid}
        {worker !== null && `, worker ${worker}`}, which began at{' '}
        {new Date(startedAt).toLocaleString('en-GB')}. Numbers are of this process alone, but for
        pending entries and changes that wait.
        {processes > 1 &&
          ` In the last minutes ${processes} processes have answered; each point is of the one that did.`}
      </span>
    </Text>
  );
}
