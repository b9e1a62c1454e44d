import type { Cell, Turn } from './measurements.ts';
import type { Program } from './program.ts';
import type { VariantName } from './variants/variant.ts';
import type { Call } from './workloads/calls.ts';
import { Caller } from './workloads/caller.ts';
import { loadOver } from './workloads/load.ts';

/** One workload of one variant. */
export interface Trial {
  readonly workload: string;
  readonly variant: VariantName;
  readonly program: Program;
  readonly call: () => Call;
}

export interface Pace {
  readonly rounds: number;
  readonly seconds: number;
  /** Before the first turn of each, so that its code is compiled. */
  readonly warmSeconds: number;
  readonly connections: number;
  readonly token: string;
}

/**
 * Gives each trial one turn in every round, in an order of its own, so that what slows the machine for a while slows
 * all of them, and nobody always follows the same neighbour.
 */
export async function interleave(trials: readonly Trial[], pace: Pace): Promise<Cell[]> {
  if (pace.warmSeconds > 0) {
    for (const trial of trials) await turn(trial, { ...pace, seconds: pace.warmSeconds });
  }
  const turns = new Map<Trial, Turn[]>(trials.map((trial) => [trial, []]));
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const trial of shuffled(trials)) turns.get(trial)?.push(await turn(trial, pace));
  }
  return trials.map((trial) => ({
    workload: trial.workload,
    variant: trial.variant,
    turns: turns.get(trial) ?? [],
  }));
}

async function turn({ program, call }: Trial, pace: Pace): Promise<Turn> {
  const { seconds, connections, token } = pace;
  await using caller = new Caller({ trpcUrl: program.trpcUrl, token, connections });
  // Opens the connections: that is no part of a call, and idle ones are closed between turns by some and not by others.
  await loadOver(caller, { connections, seconds: 0, call });
  const cpuBefore = await program.cpuSeconds();
  const done = await loadOver(caller, { connections, seconds, call });
  const cpuSeconds = (await program.cpuSeconds()) - cpuBefore;
  return {
    cpuMicrosPerCall: (cpuSeconds / done.calls) * 1e6,
    callsPerSecond: done.perSecond,
    p50Ms: done.p50Ms,
    p99Ms: done.p99Ms,
  };
}

/** The cells of several lives as those of one run. */
export function joinLives(lives: readonly (readonly Cell[])[]): Cell[] {
  const joined = new Map<string, Cell>();
  for (const cell of lives.flat()) {
    const key = `${cell.workload} ${cell.variant}`;
    const turns = [...(joined.get(key)?.turns ?? []), ...cell.turns];
    joined.set(key, { ...cell, turns });
  }
  return [...joined.values()];
}

export function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
