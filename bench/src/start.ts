import path from 'node:path';
import { describeMachine, type Machine } from './machine.ts';
import { profileReads } from './profile.ts';
import { holds, verdictLine } from './ratio.ts';
import { ratiosOf } from './ratios.ts';
import { profileTables, type Results, writeProfiles, writeResults } from './report/results.ts';
import {
  engineTable,
  factTable,
  mixTable,
  ratioTable,
  stampedeTable,
  workloadTables,
} from './report/tables.ts';
import { openContext, runBench } from './run.ts';
import { parseSettings, type Settings } from './settings.ts';

/**
 * Measures the service beside the limit, what users have today, no cache, the usual design and other caches.
 *
 * Settings → stores and catalogue → experiments, each of which starts the processes it needs → ratios → tables, and the
 * files of a whole run.
 */
const root = path.resolve(import.meta.dirname, '../..');
const settings = settingsOrUsage();
const beganAt = new Date();
const say = (message: string): void => {
  const seconds = (Date.now() - beganAt.getTime()) / 1000;
  process.stderr.write(`${seconds.toFixed(0).padStart(5)} s  ${message}\n`);
};
await (settings.profile ? profile() : bench());

async function profile(): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const context = await openContext({ ...settings, only: undefined, say }, opened);
  const profiles = await profileReads(context);
  console.log(profileTables(profiles));
  if (settings.outDirectory !== undefined) await writeProfiles(profiles, settings.outDirectory);
}

async function bench(): Promise<void> {
  const { experiments, outDirectory, check, command } = settings;
  let machine: Machine | undefined;
  const measurements = await runBench({
    ...settings,
    only: settings.variants,
    say,
    onStores: async (stores) => {
      machine = await describeMachine(stores);
    },
  });
  if (machine === undefined) throw new Error('The stores were never opened.');
  const tookSeconds = (Date.now() - beganAt.getTime()) / 1000;
  const ratios = ratiosOf(measurements, experiments);
  const date = beganAt.toISOString();
  const results: Results = { date, command, tookSeconds, machine, ratios, measurements };
  print(results);
  if (outDirectory !== undefined) say(`written: ${await writeResults(results, outDirectory)}`);
  for (const { experiment, message } of measurements.failures) {
    console.log(`${experiment} failed: ${message}`);
  }
  console.log(verdictLine(ratios));
  if (check && !holds(ratios)) process.exitCode = 1;
}

function print({ ratios, measurements, tookSeconds, machine }: Results): void {
  const { cells, mixes, stampedes, engines } = measurements;
  const tables = [
    cells.length > 0 && workloadTables(cells),
    mixes.length > 0 && mixTable(measurements),
    stampedes.length > 0 && stampedeTable(measurements),
    engines.length > 0 && engineTable(engines),
    factTable(measurements),
    ratioTable(ratios),
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; took ${tookSeconds.toFixed(0)} s.`,
  ];
  for (const table of tables) if (table !== false && table !== '') console.log(`${table}\n`);
}

function settingsOrUsage(): Settings {
  try {
    return parseSettings(process.argv.slice(2), root);
  } catch (err) {
    console.error(err instanceof Error ? err.message : err);
    process.exit(2);
  }
}
