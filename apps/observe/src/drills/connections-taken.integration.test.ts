import { expect, test } from 'vitest';
import { connectionsTaken } from './connections-taken.ts';
import { runDrill } from './run-drill.ts';

/** On a machine that other tests keep busy, whatever is measured in milliseconds may be told as well. */
const ofBusyMachines =
  /^(TargetDown|DbPoolSaturated|CacheFailureRateHigh|ReadLatencyBudgetBurn|WriteLatencyBudgetBurn|EventLoopSaturated) /;

test(
  'while another program takes all connections, DbConnectionsHigh is told, then that it is over, and nothing that a busy machine does not explain',
  { timeout: 180_000 },
  async () => {
    const said: string[] = [];
    const verdict = await runDrill(connectionsTaken, {
      healthyFor: '2m',
      calmFor: '2m',
      tell: (text) => said.push(text),
    });
    const [times] = verdict.alerts;
    expect(times?.firedAfterSeconds, said.join('\n')).toBeGreaterThan(0);
    expect(times?.clearedAfterSeconds, said.join('\n')).toBeGreaterThan(0);
    expect(verdict.unexpected.filter((alert) => !ofBusyMachines.test(alert))).toEqual([]);
  },
);
