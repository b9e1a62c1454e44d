/** `npm run model`: explores every protocol of protocols.ts and prints what it found. */
import { explore } from './explore.ts';
import { protocols } from './protocols.ts';
import { recordModel } from './record-model.ts';

const only = process.argv[2] ?? '';
for (const { name, protocol, expected } of protocols) {
  if (!name.includes(only)) continue;
  const beganMs = performance.now();
  const found = explore(recordModel(protocol, { isReduced: process.argv[3] !== 'full' }));
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  const steps = found.outcome === 'violated' ? ` in ${found.trace.length} steps` : '';
  const verdict = found.outcome === expected ? 'as expected' : 'NOT AS EXPECTED';
  console.log(
    `${name.padEnd(62)} ${found.outcome}${steps}, ${found.states} states, ${seconds} s: ${verdict}`,
  );
  if (found.outcome === expected && process.argv[3] !== 'trace') continue;
  process.exitCode = 1;
  if (found.outcome === 'violated')
    console.log(found.trace.map((step) => `    ${step}`).join('\n'));
}
