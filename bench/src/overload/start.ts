import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine.ts';
import { plans } from '../plan.ts';
import { openContext } from '../run.ts';
import { startService } from '../variants/service-variants.ts';
import { loadsOf } from './loads.ts';
import { type LoadCurve, measureOverload, overloadPlans } from './measure.ts';
import { curveTable, type OverloadResults, writeOverload } from './report.ts';

/**
 * Offers the service more than it can do, and tells what becomes of it.
 *
 * Stores and catalogue → one service process → for each load its capacity, then steps from half of it to five times as much →
 * tables, and the page of a whole run.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    out: { type: 'string' },
  },
});
const root = path.resolve(import.meta.dirname, '../../..');
const plan = overloadPlans[values.quick ? 'quick' : 'full'];
// The page of the repository tells of whole runs alone.
const outDirectory = values.out ?? (values.quick || values.only !== undefined ? undefined : root);
const beganAt = new Date();
const say = (message: string): void => {
  const seconds = (Date.now() - beganAt.getTime()) / 1000;
  process.stderr.write(`${seconds.toFixed(0).padStart(5)} s  ${message}\n`);
};

await using opened = new AsyncDisposableStack();
const { products } = plan;
const readProducts = Math.min(products, plans.quick.readProducts);
const context = await openContext(
  { plan: { ...plans.quick, products, readProducts }, only: undefined, say },
  opened,
);
const machine = await describeMachine(context.surroundings.stores);
const service = opened.use(await startService(context.surroundings));
const curves: LoadCurve[] = [];
const wanted = values.only?.split(',');
for (const load of loadsOf(readProducts)) {
  if (wanted?.includes(load.key) === false) continue;
  const curve = await measureOverload(load, { plan, service, token: context.token, say });
  curves.push(curve);
  console.log(`${curveTable(curve)}\n`);
}
const results: OverloadResults = {
  date: beganAt.toISOString(),
  command: ['npm run overload', ...(values.quick ? ['-- --quick'] : [])].join(' '),
  tookSeconds: (Date.now() - beganAt.getTime()) / 1000,
  machine,
  curves,
};
if (outDirectory !== undefined) say(`written: ${await writeOverload(results, outDirectory)}`);
