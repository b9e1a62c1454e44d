import { useInterval } from '@mantine/hooks';
import { useState } from 'react';

/** The time, told anew every second: for ages of what is not told anew. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useInterval(() => setNowMs(Date.now()), 1_000, { autoInvoke: true });
  return nowMs;
}
