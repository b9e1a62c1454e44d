import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';
import type { WorkersResult } from '../measurements.ts';
import { interleave, joinLives } from '../runner.ts';
import { variantOf } from '../variants/variants.ts';
import { anyOf, byId } from '../workloads/calls.ts';
import type { Context } from './context.ts';

/** One for each worker, and for the load, Redis and PostgreSQL one each, or throughput tells of them instead. */
const coresMin = 5;
/** A caller that is busy for more of its time does not ask as fast as it is answered. */
const loadBusyMax = 0.85;
const run = promisify(execFile);

/** The service with two workers beside that with one, at reads of any product. */
export async function measureWorkers({
  plan,
  surroundings,
  token,
  say,
}: Context): Promise<WorkersResult> {
  say('workers: two beside one');
  await using one = await variantOf('ours').start(surroundings);
  await using two = await variantOf('ours, two workers').start(surroundings);
  const children = await childCount(two.pid);
  if (children < 2) {
    throw new Error(
      `SERVER_WORKERS=2 started ${children} worker processes: this service does not know the variable.`,
    );
  }
  const call = () => byId(anyOf(plan.readProducts));
  const idleBefore = performance.eventLoopUtilization();
  const cells = joinLives([
    await interleave(
      [
        { workload: 'workers', variant: 'ours', program: one, call },
        { workload: 'workers', variant: 'ours, two workers', program: two, call },
      ],
      { ...plan, token, rounds: 2 * plan.rounds },
    ),
  ]);
  const { utilization } = performance.eventLoopUtilization(idleBefore);
  const [first, second] = cells;
  return {
    one: first?.turns ?? [],
    two: second?.turns ?? [],
    notShown: notShownBecause(os.availableParallelism(), utilization),
  };
}

function notShownBecause(cores: number, loadBusy: number): string | undefined {
  if (cores < coresMin) {
    return `${cores} cores: two workers have none to themselves beside the load and the stores; the CPU of a call is told instead`;
  }
  if (loadBusy > loadBusyMax) {
    return `the load was busy for ${(loadBusy * 100).toFixed(0)} % of its time, so that it set the pace and not the service`;
  }
  return undefined;
}

async function childCount(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-A', '-o', 'ppid=']);
  return stdout.split('\n').filter((line) => Number(line) === pid).length;
}
