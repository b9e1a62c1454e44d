import { parseArgs } from 'node:util';
import type { Drill } from './drill.ts';
import { drills } from './drills.ts';
import { report } from './report.ts';
import { runDrill } from './run-drill.ts';
import type { Verdict } from './verdict.ts';

/**
 * `npm run drills`: breaks one thing after another, and says whether exactly the stated alerts arrived and went.
 * Exits with 1 if anything was not as stated.
 */
const chosen = chosenDrills();
const verdicts: Verdict[] = [];
for (const drill of chosen) verdicts.push(await runDrill(drill, { tell: say }));
say(`\n${report(verdicts)}`);
process.exitCode = verdicts.every(({ problems }) => problems.length === 0) ? 0 : 1;

function chosenDrills(): readonly Drill[] {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
    const names = values.only ?? drills.map(({ name }) => name);
    return names.map(drillOf);
  } catch (err) {
    const problem = err instanceof Error ? err.message : String(err);
    process.stderr.write(`${problem}\nUsage: npm run drills -- [--only NAME]…\n`);
    process.exit(2);
  }
}

function drillOf(name: string): Drill {
  const drill = drills.find((each) => each.name === name);
  if (drill !== undefined) return drill;
  throw new Error(`There is no drill ${name}, but: ${drills.map((each) => each.name).join(', ')}.`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
