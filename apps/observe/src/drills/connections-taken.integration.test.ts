import { expect, test } from 'vitest';
import { connectionsTaken } from './connections-taken.ts';
import { runDrill } from './run-drill.ts';

/** At a thirtieth of all durations, a machine that is busy for two seconds looks like a service that is away. */
const ofBusyMachines = /^TargetDown /;

test(
  'while another program takes all connections, DbConnectionsHigh alone is told, and then that it is over',
  { timeout: 120_000 },
  async () => {
    const said: string[] = [];
    const quick = { healthyFor: '2m', calmFor: '2m' } as const;
    const verdict = await runDrill(connectionsTaken, { ...quick, tell: (text) => said.push(text) });
    const [times] = verdict.alerts;
    expect(times?.firedAfterSeconds, said.join('\n')).toBeGreaterThan(0);
    expect(times?.clearedAfterSeconds, said.join('\n')).toBeGreaterThan(0);
    expect(verdict.unexpected.filter((alert) => !ofBusyMachines.test(alert))).toEqual([]);
  },
);
