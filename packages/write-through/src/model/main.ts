/**
 * `npm run model`: explores every protocol of protocols.ts and prints what it found.
 *
 * `--only TEXT` takes those whose name contains it, `--trace TEXT` prints the shortest violation too. `--deep`,
 * or `--writers 3 --readers 3 --reads 4`, explores ours for records within larger bounds.
 */
import { parseArgs } from 'node:util';
import { explore, type Exploration } from './explore.ts';
import { listModel } from './list-model.ts';
import { type Bounds, standardBounds } from './protocol.ts';
import { type NamedProtocol, protocols } from './protocols.ts';
import { recordModel } from './record-model.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    trace: { type: 'string' },
    deep: { type: 'boolean', default: false },
    writers: { type: 'string' },
    readers: { type: 'string' },
    reads: { type: 'string' },
  },
});

const usual = values.deep ? { writers: 3, readers: 2, reads: 3 } : standardBounds;
const bounds: Bounds = {
  writers: Number(values.writers ?? usual.writers),
  readers: Number(values.readers ?? usual.readers),
  reads: Number(values.reads ?? usual.reads),
};
const isLarger = Object.values(bounds).join() !== Object.values(standardBounds).join();
const text = values.trace ?? values.only ?? '';
const chosen = protocols.filter(
  (each) =>
    each.name.includes(text) && (!isLarger || ('protocol' in each && each.expected === 'holds')),
);
if (chosen.length === 0) throw new Error(`No protocol has "${text}" in its name.`);

for (const each of chosen) {
  const beganMs = performance.now();
  const found = exploreNamed(each);
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  const steps = found.outcome === 'violated' ? ` in ${found.trace.length} steps` : '';
  const isExpected = found.outcome === each.expected;
  const verdict = isExpected ? 'as expected' : 'NOT AS EXPECTED';
  const figures = `${found.outcome}${steps}, ${found.states} states, ${seconds} s`;
  console.log(`${each.name.padEnd(63)} ${figures}: ${verdict}`);
  if (!isExpected) process.exitCode = 1;
  if (found.outcome === 'violated' && (!isExpected || values.trace !== undefined)) {
    const width = String(found.trace.length).length + 4;
    const lines = found.trace.map((step, at) => `${String(at + 1).padStart(width)}. ${step}`);
    console.log(lines.join('\n'));
  }
}

function exploreNamed(each: NamedProtocol): Exploration {
  return 'list' in each
    ? explore(listModel(each.list))
    : explore(recordModel(each.protocol, { bounds }));
}
